import { assembleAll, createSpanIndex, type Span } from '/work/main/packages/core/src/index';
import { createReplay, readCapture } from '/work/main/packages/replay/src/index';
import { fileSource, nodeCodec } from '/work/main/packages/replay/src/node';
import { writeShopCapture } from '/work/main/packages/replay/bench/shop-traffic';
import { existsSync } from 'node:fs';
const p='/tmp/replay/large.causeway.msgpack';
if (!existsSync(p)) console.log(writeShopCapture(p, 80000));
for (let k=0;k<3;k++){
let t=performance.now();
let n=0; for await (const item of readCapture(fileSource(p), nodeCodec)) { if(item.kind==='events') n+=item.block.count; }
console.log('read', n, (performance.now()-t).toFixed(0)); t=performance.now();
const spans: Span[]=[]; const loop=createReplay({onSpan:(s)=>spans.push(s)});
for await (const item of readCapture(fileSource(p), nodeCodec)) loop.push(item);
loop.end(); console.log('replay', spans.length, (performance.now()-t).toFixed(0)); t=performance.now();
const ix=createSpanIndex(spans); console.log('index',(performance.now()-t).toFixed(0)); t=performance.now();
const tr=assembleAll(ix); console.log('assemble', tr.length, (performance.now()-t).toFixed(0));
if (k===2) console.log(loop.coverage());
}
