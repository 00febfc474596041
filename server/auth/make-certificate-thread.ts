import { parentPort, workerData } from 'node:worker_threads';
import { makeIdentity } from './make-certificate.js';

parentPort?.postMessage(await makeIdentity(workerData as number));
