/** Whether ONNX Runtime has a program for this machine, and this copy of the extension has it. */
import { series, t } from '../../shared/l10n';

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
  const name = t('{0} on {1}', SYSTEMS[platform] ?? platform, arch);
  if (!SUPPORTED.includes(own)) {
    return t(
      'ONNX Runtime, which runs the model, has no build for {0}, only for {1}. Use one of those, for example over Remote SSH',
      name,
      series(SUPPORTED),
    );
  }
  if (!glibc) {
    return t(
      'ONNX Runtime, which runs the model, needs the GNU C library, which this Linux (Alpine or another with musl) does not have; use a container with Debian, Ubuntu or Fedora',
    );
  }
  if (!packed.includes(own)) {
    return t(
      'this copy of Circuitscope is for {0}, and this machine is {1}; install the copy for {1}',
      packed.length > 0 ? series(packed) : t('no machine'),
      own,
    );
  }
  return null;
}
