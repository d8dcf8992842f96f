// @ts-check
/** The machine that a native program is for, read off its first bytes. */

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
