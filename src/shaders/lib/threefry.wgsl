// threefry2x32 with 20 rounds: a counter-based generator, so a draw depends on what it is for and not on when it is made.
// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3 and the Random123 known answers.

fn rotate_left(x: u32, by: u32) -> u32 {
  return (x << by) | (x >> (32u - by));
}

fn mix(x: vec2u, by: u32) -> vec2u {
  let sum = x.x + x.y;
  return vec2u(sum, rotate_left(x.y, by) ^ sum);
}

fn threefry2x32(key: vec2u, counter: vec2u) -> vec2u {
  let parity = 0x1bd11bdau ^ key.x ^ key.y;
  var x = counter + key;
  x = mix(mix(mix(mix(x, 13u), 15u), 26u), 6u) + vec2u(key.y, parity + 1u);
  x = mix(mix(mix(mix(x, 17u), 29u), 16u), 24u) + vec2u(parity, key.x + 2u);
  x = mix(mix(mix(mix(x, 13u), 15u), 26u), 6u) + vec2u(key.x, key.y + 3u);
  x = mix(mix(mix(mix(x, 17u), 29u), 16u), 24u) + vec2u(key.y, parity + 4u);
  x = mix(mix(mix(mix(x, 13u), 15u), 26u), 6u) + vec2u(parity, key.x + 5u);
  return x;
}
