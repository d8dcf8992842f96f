/** Whether ONNX Runtime has a program for this machine, and this copy of the extension has it. */

/** A machine: system, processor, and on Linux whether it has the C library that programs are built for. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly glibc: boolean;
}

/** The machine that we are on. */
export function thisMachine(): Machine {
  const { platform, arch } = process;
  return { platform, arch, glibc: platform !== 'linux' || hasGlibc() };
}

function hasGlibc(): boolean {
  // Asking names of network interfaces would hold the host.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

const SYSTEMS: Readonly<Record<string, string>> = {
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
};
const SUPPORTED = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'];

/**
 * Why no model can run on a machine, in one line that says what to do; null when one can.
 * @param packed the machines that this copy of the extension is for, as `system-processor`
 */
export function platformProblem(machine: Machine, packed: readonly string[]): string | null {
  const { platform, arch, glibc } = machine;
  const own = `${platform}-${arch}`;
  const name = `${SYSTEMS[platform] ?? platform} on ${arch}`;
  if (!SUPPORTED.includes(own)) {
    return `ONNX Runtime, which computes the model, has no program for ${name}; it has for ${SUPPORTED.join(', ')}. Use one of those, over Remote SSH for instance`;
  }
  if (!glibc) {
    return 'ONNX Runtime, which computes the model, needs the GNU C library, which this Linux (Alpine or another with musl) does not have; use a container with Debian, Ubuntu or Fedora';
  }
  if (!packed.includes(own)) {
    return `this copy of Circuitscope is for ${packed.join(', ') || 'no machine'}, and this machine is ${own}; install the copy for ${own}`;
  }
  return null;
}
