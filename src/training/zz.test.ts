import { it } from "vitest";
import { generateDataset } from "/work/main/src/tasks/index.ts";
import { trainModel } from "/work/main/src/training/index.ts";
it("train", async () => {
  const t=(l:string)=>console.log(l,((performance.now()-t0)/1000).toFixed(1)); let t0=performance.now();
  await generateDataset({task:process.env.TASK??"tetris",out:"/tmp/lt/"+(process.env.TASK??"tetris"),train:8000,eval:1000,heldOut:500,seed:0} as any); t("gen");
  const r=await trainModel({recipe:process.env.RECIPE??"joint",data:"/tmp/lt/tetris",out:"/tmp/lt/m-"+(process.env.RECIPE??"joint"),steps:Number(process.env.STEPS??250),seed:0,followEvery:50,onProgress:(e)=>{ if(e.done%25===0) console.log(e.done,e.note,((performance.now()-t0)/1000).toFixed(1));}} as any);
  console.log(r); t("done");
}, 600000);
