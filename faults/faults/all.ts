import type { Fault } from '../fault.js';
import { killOne } from './f01-kill-gateway.js';
import { killAll } from './f02-kill-all.js';
import { rollingRestart } from './f03-rolling-restart.js';
import { stopOne } from './f04-stop-process.js';
import { killLeader } from './f05-kill-leader.js';
import { killCluster } from './f06-kill-cluster.js';
import { stopLeader } from './f07-stop-leader.js';
import { partLeader } from './f08-part-leader.js';
import { cutLeader } from './f08b-cut-leader.js';
import { isolateBroker } from './f09-isolate-broker.js';
import { isolateProcess } from './f09b-isolate-process.js';
import { killDatabase } from './f10-kill-database.js';
import { failover } from './f11-failover.js';
import { stopDatabase } from './f12-stop-database.js';
import { resets } from './f13-resets.js';
import { oneWay } from './f14-one-way.js';
import { latency } from './f15-latency.js';
import { memoryAlarm } from './f16-memory-alarm.js';
import { diskAlarm } from './f17-disk-alarm.js';
import { fullDisk } from './f18-full-disk.js';
import { badReceivers } from './f19-bad-receivers.js';
import { clocks } from './f20-clocks.js';
import { certificate } from './f20b-certificate.js';
import { poison } from './f21-poison.js';
import { busyProcess } from './f22-busy-process.js';
import { replays } from './f23-replays.js';
import { newVersion } from './f24-new-version.js';

const ALL: readonly Fault[] = [
  killOne,
  killAll,
  rollingRestart,
  stopOne,
  killLeader,
  killCluster,
  stopLeader,
  partLeader,
  cutLeader,
  isolateBroker,
  isolateProcess,
  killDatabase,
  failover,
  stopDatabase,
  resets,
  oneWay,
  latency,
  memoryAlarm,
  diskAlarm,
  fullDisk,
  badReceivers,
  clocks,
  certificate,
  poison,
  busyProcess,
  replays,
  newVersion,
];

export const FAULTS: ReadonlyMap<string, Fault> = new Map(ALL.map((fault) => [fault.id, fault]));

/** Those of the short form. */
export const SMOKE = ['F1', 'F5', 'F10', 'F13', 'F21', 'F23'];
