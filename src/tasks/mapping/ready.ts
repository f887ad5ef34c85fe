/**
 * Mappings for the layouts of published families and benchmarks, as the code that reads them there tells (the sources
 * are named in each). They are YAML like those that users write, so each is also a template.
 */
export const readyMappings = {
  "lintel-jsonl": `
description: what "lintel generate --format jsonl" writes
files: ['*.jsonl']
id: id
question: question
images: images
options: options
answer: { field: answer, form: index }
helpers: helpers
caption: caption
edits: { of: edits, kind: kind, images: images, answer: { field: answer, form: index } }
ask: as-is
`,
  "viscot-mc": `
description: VisCoT as multiple choice (LanteRn, evals/viscot_blink_vstar_eval.py); helpers are the boxes, 1.2 times as large
question: question
images: img_path
options: options
answer: { field: answer, form: letter }
helpers: { crop: bbox, of: img_path, scale: 1.2 }
`,
  "lantern-viscot": `
description: LanteRn's SFT records on VisCoT (src/datasets/sft_viscot_data.py); open answers
question: question
images: img_path
options: { fromAnswers: 4 }
answer: { field: reasoning_traces.answer, form: text }
helpers: { crop: bboxs, of: img_path, scale: 1.2 }
`,
  "lantern-tetris": `
description: LanteRn's Tetris records (src/datasets/sft_tetris_data.py), also what "lintel generate --format lantern" writes
id: sample_id
question: question
images: img_path
options: { values: [a, b, c, d] }
answer: { field: answer, form: text }
helpers: reasoning_traces.intermediate_img_path
`,
  "tetris-2d": `
description: WM-VLM's Tetris-2D (yzha/Tetris-2D, -2D-ID, -2D-OOD; Parquet); the helper is the rotated piece
id: sample_id
question: question
images: composite_image
options: { values: [A, B, C, D] }
answer: { field: answer, form: letter }
ask: as-is
helpers: intermediate_rotation_image
optional: [sample_id, transform_description]
attributes: { transform: transform_description }
`,
  "tetris-3d": `
description: WM-VLM's Tetris-3D (yzha/Tetris-3D, -3D-SC-ID, -3D-C-ID, -3D-OOD; Parquet); a helper for each quarter turn
id: sample_id
question: question
images: composite_image
options: { values: [A, B, C, D] }
answer: { field: answer, form: letter }
ask: as-is
helpers: visual_cot_step_*_image
optional: [sample_id, transform_description]
attributes: { transform: transform_description }
`,
  blink: `
description: BLINK, all subtasks or the directory of one (BLINK-Benchmark/BLINK); no helpers. Answers of "test" are hidden
split: val
id: idx
question: question
images: image_*
options: choices
answer: { field: answer, form: letter }
attributes: { task: sub_task }
`,
  m3cot: `
description: M3CoT (LightChen2333/M3CoT), questions with an image; no helpers (IVT-LR, qwen_vl/infer.py)
split: test
id: id
question: question
images: image
options: choices
answer: { field: answer, form: letter }
optional: [domain, topic]
attributes: { domain: domain, topic: topic }
`,
  vstar: `
description: V* (lmms-lab/vstar-bench, craigwu/vstar_bench); no helpers. The right option is often listed first
files: [test_questions.jsonl, '*.parquet']
shuffle: true
ask: brackets
id: question_id
question: text
images: image
options: { inText: text }
answer: { field: label, form: letter }
attributes: { category: category }
`,
  mmvp: `
description: MMVP (MMVP/MMVP, Questions.csv beside "MMVP Images"); no helpers. Two questions of the same words are a pair
files: [Questions.csv]
group: { field: Index, each: 2 }
id: Index
question: Question
images: { template: "MMVP Images/{Index}.jpg" }
options: { inText: Options }
answer: { field: Correct Answer, form: letter }
`,
  "mmvp-parquet": `
description: MMVP with its images in the table (lmms-lab-eval/MMVP, four answers corrected there); pairs as in mmvp
group: { field: Index, each: 2 }
id: Index
question: Question
images: image
options: { inText: Options }
answer: { field: Correct Answer, form: letter }
`,
  "hr-bench": `
description: HR-Bench 4K and 8K (DreamMr/HR-Bench, TSV or Parquet); no helpers. Each question occurs four times, options turned
split: hr_bench_4k
id: index
question: question
images: { base64: image, index: index }
transparency: drop
options: { fields: [A, B, C, D] }
answer: { field: answer, form: letter }
attributes: { category: category, cycle: cycle_category }
`,
  vlmevalkit: `
description: multiple choice as VLMEvalKit lays it out and asks it (vlmeval/dataset/image_base.py and image_mcq.py, TSV); no helpers
id: index
question: question
hint: hint
images: { base64: image, index: index, path: image_path }
transparency: drop
ask: vlmevalkit
options: { fields: [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z] }
answer: { field: answer, form: letter }
attributes: { category: category }
`,
  "vlmevalkit-yes-no": `
description: yes/no questions as VLMEvalKit lays them out (MME, POPE, HallusionBench; vlmeval/dataset/image_yorn.py, TSV); no helpers
id: index
question: question
images: { base64: image, index: index, path: image_path }
transparency: drop
options: { values: ['Yes', 'No'] }
answer: { field: answer, form: text }
ask: as-is
attributes: { category: category }
`,
  "yes-no": `
description: yes/no questions with an image column or image files (lmms-lab/MME, lmms-lab/POPE); no helpers
id: question_id
question: question
images: image
options: { values: ['Yes', 'No'] }
answer: { field: answer, form: text }
ask: as-is
attributes: { category: category }
`,
  mmmu: `
description: MMMU and MMMU-Pro (MMMU/MMMU, Parquet); options as the text of a list, images where <image N> stands; open questions are left out
split: validation
id: id
question: question
images: image_*
options: options
answer: { field: answer, form: letter }
attributes: { subfield: subfield, type: question_type }
`,
  mirage: `
description: Mirage's JSONL (text_input, image_input, image_output, text_output); open answers in a box
strip: ./data/examples
question: text_input
images: image_input
options: { fromAnswers: 4 }
answer: { field: text_output, form: text, pattern: '\\\\boxed\\{([^{}]*)\\}' }
helpers: image_output
`,
  vsp: `
description: VSP's spatial planning as Mirage lays it out (test_direct.jsonl; its src/test.py simulates plans on map_desc)
strip: ./data/vsp_spatial_planning
id: map_id
question: text_input
images: image_input
options: { fromAnswers: 4 }
answer: { map: map_desc }
helpers: image_output
`,
  comt: `
description: CoMT as ILVR lays it out (shuai22/comt; its src/task_deepseed.py and eval.py); steps of text and helper images
question: text_input
images: image_input
options: { fromAnswers: 4 }
answer: { field: original_final_answer, form: text }
helpers: { steps: sequence_plan, text: content, image: helper_image }
`,
  "zebra-cot": `
description: Zebra-CoT as SkiLa reads it (src/dataset/skila_sft_dataset.py); interleaved helpers, open answers
question:
  field: Question
  replace: [{ pattern: '<image_start>\\[problem_image_\\d+\\]<image_end>', with: '<image>' }]
images: problem_image_*
options: { fromAnswers: 4 }
answer: { field: Final Answer, form: text }
helpers: reasoning_image_*
`,
  "monet-sft": `
description: Monet-SFT-125K (src/task.py, mm-reasoning); turns with interleaved images, open answers in a box
id: metadata.sample_id
question: 'data[role=user].content[type=text].text'
images: 'data[role=user].content[type=image].image_file_name'
options: { fromAnswers: 4 }
answer: { field: 'data[role=assistant].content[type=text].text', form: text, pattern: '\\\\boxed\\{([^{}]*)\\}' }
helpers: 'data[role=assistant].content[type=image].image_file_name'
`,
} as const;

export type MappingName = keyof typeof readyMappings;
