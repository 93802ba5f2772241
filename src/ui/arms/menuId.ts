/** Id of the button that opens an arm's menu: the focus returns to it. */
export const menuId = (arm: string) => `menu-of-${arm}`;
