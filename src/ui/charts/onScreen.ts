import { createContext } from 'react';

/** Whether the chart around is in sight; a change reaches what asks for it without a redraw of the curves. */
export const OnScreen = createContext(true);
