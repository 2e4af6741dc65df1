import { parentPort } from 'node:worker_threads';
import { startSqsServer } from '../../../infra/local/stack/sqs-server.ts';

// The local stack's own queue server, in a thread of its own: both servers send to it.
const { endpoint } = await startSqsServer(0);
parentPort?.postMessage(endpoint);
