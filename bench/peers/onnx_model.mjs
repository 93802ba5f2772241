/**
 * ONNX models of one node, written as protocol buffers by hand. Numbers of fields are those of onnx.proto (IR version 8):
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
const FLOAT32 = 1;

/** Bytes of a model y = node(inputs), all float32, opset 13. */
export function model({ type, output }, inputs) {
  const graph = [
    ...message(1, [
      ...inputs.flatMap(({ name }) => text(1, name)),
      ...text(2, 'y'),
      ...text(4, type),
    ]),
    ...text(2, type),
    ...inputs.flatMap(({ name, shape }) => message(11, valueInfo(name, shape))),
    ...message(12, valueInfo('y', output)),
  ];
  return Uint8Array.from([...integer(1, 8), ...message(7, graph), ...message(8, integer(2, 13))]);
}

function valueInfo(name, shape) {
  const dims = shape.flatMap((size) => message(1, integer(1, size)));
  const tensor = [...integer(1, FLOAT32), ...message(2, dims)];
  return [...text(1, name), ...message(2, message(1, tensor))];
}

/** A number in groups of 7 bits, lowest first. */
function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return [...bytes, n];
}

const integer = (field, value) => [...varint(field * 8), ...varint(value)];
const message = (field, bytes) => [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
const text = (field, value) =>
  message(
    field,
    Array.from(value, (letter) => letter.charCodeAt(0)),
  );
