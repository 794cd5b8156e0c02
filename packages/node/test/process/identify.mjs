// Prints this process's identity, then lives until it is killed. With an argument, says what it knows of that one.
import { NodeProcessIdentity } from '../../dist/index.js';

const identity = new NodeProcessIdentity();
const [holder] = process.argv.slice(2);
if (holder === undefined) {
  console.log(identity.self);
  setInterval(String, 60_000);
} else {
  console.log(String(identity.isAlive(holder)));
}
