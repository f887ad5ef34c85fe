import { it } from "vitest";
import { trainingGraph } from "./graph.ts";
import { createSession, float32, int64, bool, type Value } from "../graph/index.ts";
import { random } from "../util/index.ts";
import { encodeModel } from "../graph/onnx/encode.ts";
it("bench", async () => {
  const L=Number(process.env.L??3), D=Number(process.env.D??96), B=Number(process.env.B??128), T=Number(process.env.T??37);
  const config={hiddenSize:D,layers:L,heads:4,kvHeads:4,headDim:D/4,intermediateSize:Number(process.env.I??256),vocabSize:64,rmsNormEps:1e-6,ropeTheta:100,mropeSection:[4,4,4],tied:true} as any;
  const {graph,parameters}=trainingGraph({config,batch:B,length:T,latentWeight:0.1});
  console.log("nodes",graph.nodes.length,"bytes",encodeModel(graph).length);
  const r=random(0,"b");
  const inputs:Record<string,Value>={};
  let n=0;
  for(const [k,t] of parameters){const c=(t.shape as number[]).reduce((a,b)=>a*b,1);n+=c;inputs[k]=float32(Float32Array.from({length:c},()=>r.normal()*0.1),t.shape as number[]);}
  console.log("params",n);
  const rows=B*T;
  inputs.ids=int64(Array.from({length:rows},()=>r.integer(64)),[rows]);
  inputs.features=float32(Float32Array.from({length:1000*D},()=>r.normal()),[1000,D]);
  inputs.replaced=bool(Uint8Array.from({length:rows},()=>r.integer(2)),[rows,1]);
  inputs.featureRow=int64(Array.from({length:rows},()=>r.integer(1000)),[rows]);
  const h=config.headDim/2;
  inputs.cos=float32(Float32Array.from({length:rows*h},()=>r.normal()),[rows,h]);
  inputs.sin=float32(Float32Array.from({length:rows*h},()=>r.normal()),[rows,h]);
  inputs.rows=int64(Array.from({length:rows},(_,i)=>i),[B,T]);
  inputs.mask=float32(Float32Array.from({length:T*T},(_,i)=>(i%T)>Math.floor(i/T)?-1e9:0),[1,1,1,T,T]);
  const S=B*6;
  inputs.supervised=int64(Array.from({length:S},()=>r.integer(rows)),[S]);
  inputs.targets=int64(Array.from({length:S*2},(_,i)=>i%2?r.integer(64):i/2),[S,2]);
  inputs.beforeSlot=int64(Array.from({length:B},()=>r.integer(rows)),[B]);
  inputs.oracleRow=int64(Array.from({length:B},()=>r.integer(1000)),[B]);
  for(const threads of [2,1]){
    const s=await createSession(graph,{threads, ...(process.env.PROF&&threads===1?{profile:"/tmp/b/prof"}:{})});
    for(let i=0;i<5;i++) await s.run(inputs);
    const t0=performance.now(); const N=20;
    for(let i=0;i<N;i++) await s.run(inputs);
    console.log("threads",threads,((performance.now()-t0)/N).toFixed(1),"ms/step");
    if(process.env.PROF&&threads===1) (s as any).end?.();
    await s.release();
  }
}, 120000);
