// Loaded into every process of a launch under test: a connection or a name look-up that would leave this machine
// is refused before it is made, and written to the file that MONOSEMA_OUTGOING names.
import { appendFileSync } from 'node:fs';
import dns from 'node:dns';
import net from 'node:net';

const file = process.env.MONOSEMA_OUTGOING;
const isLocal = (host) => !host || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

function refuse(what) {
  if (file) appendFileSync(file, `${process.pid} ${process.argv[1] ?? ''} ${what}\n`);
  return Object.assign(new Error(`refused under test: ${what}`), { code: 'ENETUNREACH' });
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = typeof first === 'object' && first !== null ? first.host : typeof args[1] === 'string' ? args[1] : undefined;
  const path = typeof first === 'object' && first !== null ? first.path : typeof first === 'string' ? first : undefined;
  if (path || isLocal(host)) return connect.apply(this, args);
  queueMicrotask(() => this.destroy(refuse(`connect ${host}`)));
  return this;
};

const lookup = dns.lookup;
dns.lookup = function (hostname, ...rest) {
  if (isLocal(hostname)) return lookup.call(this, hostname, ...rest);
  rest.at(-1)(refuse(`lookup ${hostname}`));
};
