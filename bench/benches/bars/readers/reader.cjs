// The least that turns a socket into values, in Node.
const WebSocket = require('ws');

let messages = 0;
let sum = 0;
const socket = new WebSocket(process.argv[2]);
socket.on('message', (data) => {
  const envelope = JSON.parse(data);
  messages += 1;
  sum += envelope.data.ltv + envelope.data.healthFactor + envelope.timestamp;
  sum += envelope.type.length + envelope.id.length;
});
socket.on('close', () => console.log(JSON.stringify({ messages, sum })));
socket.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
