// A process of its own for at-rest.mjs: ten machines in one. Says so once all of them run; ends when its parent does.
import { bootDemo } from './engines.mjs';

for (let i = 0; i < 10; i++) await bootDemo();
process.send('ready');
process.on('disconnect', () => process.exit());
