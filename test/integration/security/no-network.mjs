// Loaded ahead of a program and its threads (--import): notes every way to the network that is taken,
// in the file of CIRCUITSCOPE_NETWORK_LOG, and refuses it. Of every thread it notes who started it, what
// it runs and its end, so that one that got past is missed.
import { Buffer } from 'node:buffer';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { basename } from 'node:path';
import { threadId } from 'node:worker_threads';

const note = (what) =>
  appendFileSync(process.env.CIRCUITSCOPE_NETWORK_LOG, Buffer.from(`${what}\n`));

function forbid(owner, names) {
  for (const name of names) {
    owner[name] = () => {
      note(name);
      throw new Error(`${name}: there is no network here`);
    };
  }
}
// HTTP, TLS and fetch go through these.
forbid(net.Socket.prototype, ['connect']);
forbid(net.Server.prototype, ['listen']);
forbid(dgram, ['createSocket']);
forbid(dns, ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse']);
forbid(dns.promises, ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse']);
forbid(globalThis, ['fetch', 'WebSocket', 'EventSource']);
syncBuiltinESMExports();

note(`thread ${threadId} runs ${basename(process.argv[1] ?? '')}`);
process.on('worker', ({ threadId: started }) => note(`thread ${started} started`));

// Native code does not go through Node: whatever is open at the end, of all threads.
process.on('exit', () => {
  note(`thread ${threadId} ended`);
  const dir = '/proc/self/fd';
  if (threadId !== 0 || !existsSync(dir)) return;
  for (const file of readdirSync(dir)) {
    const target = linkOf(`${dir}/${file}`);
    if (target.startsWith('socket:')) note(`open ${target}`);
  }
});

function linkOf(file) {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // The folder's own descriptor is closed by now.
  }
}
