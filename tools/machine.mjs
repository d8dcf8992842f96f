// @ts-check
/** The machine that a native program is for, and the libraries that it loads, read off its bytes. */
import { Buffer } from 'node:buffer';

/**
 * @param {Uint8Array} bytes of an ELF, PE or Mach-O file
 * @returns {string} `platform-arch` in the words of VS Code; `unknown` for anything else
 */
export function machineOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x7f454c46) return named('linux', view.getUint16(18, true), ELF);
  if (view.getUint32(0, true) === 0xfeedfacf) return named('darwin', view.getUint32(4, true), MACH);
  if (view.getUint16(0) === 0x4d5a) {
    const header = view.getUint32(0x3c, true);
    return named('win32', view.getUint16(header + 4, true), PE);
  }
  return 'unknown';
}

/** @type {Record<number, string>} */
const ELF = { 62: 'x64', 183: 'arm64' };
/** @type {Record<number, string>} */
const MACH = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
/** @type {Record<number, string>} */
const PE = { 0x8664: 'x64', 0xaa64: 'arm64' };

/**
 * @param {string} platform
 * @param {number} code
 * @param {Record<number, string>} names
 */
function named(platform, code, names) {
  return names[code] ? `${platform}-${names[code]}` : 'unknown';
}

/**
 * The libraries that a native program loads when it is loaded itself; not those that it may load later.
 * @param {Uint8Array} bytes of an ELF, PE or Mach-O file of 64 bits
 * @returns {string[]} names without folders
 */
export function librariesOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** @param {number} at */
  const text = (at) => Buffer.from(bytes.subarray(at, bytes.indexOf(0, at))).toString('latin1');
  const found = [...addresses(view)].map(text);
  return found.map((name) => name.split('/').at(-1) ?? name);
}

/**
 * Where the names stand.
 * @param {DataView} view
 */
function addresses(view) {
  if (view.getUint32(0) === 0x7f454c46) return ofElf(view);
  if (view.getUint32(0, true) === 0xfeedfacf) return ofMach(view);
  return view.getUint16(0) === 0x4d5a ? ofPe(view) : [];
}

/** @param {DataView} view */
function* ofElf(view) {
  const [start, size, count] = [long(view, 32), view.getUint16(54, true), view.getUint16(56, true)];
  const headers = Array.from({ length: count }, (_, i) => start + i * size);
  /** @param {number} address */
  const place = (address) => {
    const header = headers.find(
      (at) =>
        view.getUint32(at, true) === 1 &&
        address >= long(view, at + 16) &&
        address < long(view, at + 16) + long(view, at + 32),
    );
    return header === undefined ? 0 : address - long(view, header + 16) + long(view, header + 8);
  };
  const dynamic = headers.find((at) => view.getUint32(at, true) === 2);
  if (dynamic === undefined) return;
  /** @type {number[]} */
  const names = [];
  let texts = 0;
  for (let at = long(view, dynamic + 8); long(view, at) !== 0; at += 16) {
    if (long(view, at) === 1) names.push(long(view, at + 8));
    if (long(view, at) === 5) texts = place(long(view, at + 8));
  }
  for (const name of names) yield texts + name;
}

/** @param {DataView} view */
function* ofMach(view) {
  for (let [at, i] = [32, 0]; i < view.getUint32(16, true); i++) {
    const command = view.getUint32(at, true) & 0x7fffffff;
    // A library: needed, weak or handed on.
    if (command === 0xc || command === 0x18 || command === 0x1f) {
      yield at + view.getUint32(at + 8, true);
    }
    at += view.getUint32(at + 4, true);
  }
}

/** @param {DataView} view */
function* ofPe(view) {
  const header = view.getUint32(0x3c, true);
  const sections = header + 24 + view.getUint16(header + 20, true);
  /** @param {number} address */
  const place = (address) => {
    for (let i = 0; i < view.getUint16(header + 6, true); i++) {
      const at = sections + 40 * i;
      const from = view.getUint32(at + 12, true);
      if (address >= from && address < from + view.getUint32(at + 16, true)) {
        return address - from + view.getUint32(at + 20, true);
      }
    }
    return 0;
  };
  const imports = view.getUint32(header + 24 + 112 + 8, true);
  for (let at = place(imports); view.getUint32(at + 12, true) !== 0; at += 20) {
    yield place(view.getUint32(at + 12, true));
  }
}

/**
 * @param {DataView} view
 * @param {number} at
 */
function long(view, at) {
  return Number(view.getBigUint64(at, true));
}
