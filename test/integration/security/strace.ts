/** What the system sees of a program: ways out of the process, and paths that it changes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether calls can be watched here. */
export const HAS_STRACE =
  spawnSync('strace', ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=none', 'true']).status === 0;
if (!HAS_STRACE) console.log('skipped: what commands do outside their folder; install strace');

/** Whatever leaves the process or changes a name, a link, a length or a right. */
const CALLS =
  'network,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,' +
  'link,linkat,symlink,symlinkat,truncate,chmod,fchmodat,mknod,mknodat';
/** The process's own pipes are local; everything else is a way out. */
const LOCAL =
  /^(socketpair|socket)\(AF_UNIX\b|^(sendmsg|recvmsg|sendto|recvfrom|shutdown|getsockopt)\(\d+/;
const NETWORK =
  /^(socket|socketpair|connect|bind|listen|accept4?|sendto|sendmmsg|sendmsg|recv\w*)\(/;
const WRITES =
  /^(open(at2?)?\(.*O_(WRONLY|RDWR|CREAT)|(creat|rmdir|truncate|mkdir\w*|rename\w*|unlink\w*|(sym)?link(at)?|f?chmod\w*|mknod\w*)\()/;

/** What a command is started with so that its calls, and those of all its threads, are kept in a file. */
export const straced = (log: string) => [
  // Only the calls that are kept stop the program.
  ...['strace', '-f', '--seccomp-bpf', '-qq', '-e', `trace=${CALLS}`, '-o', log],
];

/** Ways out of the process, and paths that it changed or tried to change, in the order of its calls. */
export function callsIn(log: string): { readonly ways: string[]; readonly paths: string[] } {
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => line.replace(/^\d+\s+/, ''));
  const ways = calls.filter((call) => NETWORK.test(call) && !LOCAL.test(call));
  const paths = calls
    .filter((call) => WRITES.test(call))
    // A name may go from one place to another: both count.
    .flatMap((call) => {
      const named = Array.from(call.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, path]) => path);
      return named.length > 0 ? named : [call];
    });
  return { ways, paths };
}

/** A new home for a program, in a folder. */
export const homeIn = (dir: string): string => mkdtempSync(join(dir, 'home-'));
