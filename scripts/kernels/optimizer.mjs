// WebAssembly text of the optimizer's kernels. Vector and remainder loops are one formula, written once.
const vector = {
  load: (p) => `(v128.load ${p})`,
  store: (p, x) => `(v128.store ${p} ${x})`,
  op: (name, ...xs) => `(f32x4.${name} ${xs.join(" ")})`,
  scalar: (name) => `(f32x4.splat (local.get $${name}))`,
  type: "v128",
  bytes: 16,
};
const single = {
  load: (p) => `(f32.load ${p})`,
  store: (p, x) => `(f32.store ${p} ${x})`,
  op: (name, ...xs) => `(f32.${name} ${xs.join(" ")})`,
  scalar: (name) => `(local.get $${name})`,
  type: "f32",
  bytes: 4,
};

const get = (name) => `(local.get $${name})`;
const at = (name) => `(i32.add ${get(name)} ${get("i")})`;

/** Loops with $i over bytes while a whole element of the kind fits before $end. */
const loop = (label, { bytes }, body) => `
    (block $${label}_done
      (loop $${label}
        (br_if $${label}_done (i32.gt_u (i32.add (local.get $i) (i32.const ${bytes})) (local.get $end)))
        ${body}
        (local.set $i (i32.add (local.get $i) (i32.const ${bytes})))
        (br $${label})))`;

function update(kind, suffix) {
  const { load, store, op, scalar } = kind;
  const [g, m, v] = ["G", "M", "V"].map((name) => name + suffix);
  const p = op("mul", load(at("p")), scalar("keep"));
  const root = op("add", op("div", op("sqrt", get(v)), scalar("correction")), scalar("epsilon"));
  const lerp = op("add", get(m), op("mul", op("sub", get(g), get(m)), scalar("c1")));
  const square = op("mul", op("mul", get(g), get(g)), scalar("c2"));
  return `
        (local.set $${g} ${op("mul", load(at("g")), scalar("scale"))})
        (local.set $${m} ${load(at("m"))})
        (local.set $${m} ${lerp})
        (local.set $${v} ${op("add", op("mul", load(at("v")), scalar("b2")), square)})
        ${store(at("m"), get(m))}
        ${store(at("v"), get(v))}
        ${store(at("p"), op("sub", p, op("mul", scalar("size"), op("div", get(m), root))))}`;
}

export const wat = `(module
  (import "env" "memory" (memory 0 65536))

  ;; Σ x² of n floats, summed in double.
  (func (export "squares") (param $x i32) (param $n i32) (result f64)
    (local $i i32) (local $end i32) (local $v v128) (local $low v128) (local $high v128) (local $rest f64) (local $s f64)
    (local.set $end (i32.mul (local.get $n) (i32.const 4)))
    ${loop(
      "four",
      vector,
      `(local.set $v ${vector.load(at("x"))})
        (local.set $low (f64x2.add (local.get $low) (f64x2.mul (f64x2.promote_low_f32x4 (local.get $v)) (f64x2.promote_low_f32x4 (local.get $v)))))
        (local.set $v (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v)))
        (local.set $high (f64x2.add (local.get $high) (f64x2.mul (f64x2.promote_low_f32x4 (local.get $v)) (f64x2.promote_low_f32x4 (local.get $v)))))`,
    )}
    ${loop(
      "one",
      single,
      `(local.set $s (f64.promote_f32 ${single.load(at("x"))}))
        (local.set $rest (f64.add (local.get $rest) (f64.mul (local.get $s) (local.get $s))))`,
    )}
    (local.set $low (f64x2.add (local.get $low) (local.get $high)))
    (f64.add (local.get $rest) (f64.add (f64x2.extract_lane 0 (local.get $low)) (f64x2.extract_lane 1 (local.get $low)))))

  ;; AdamW over n floats: parameters p, gradients g, moments m and v, all byte addresses.
  (func (export "adamw") (param $p i32) (param $g i32) (param $m i32) (param $v i32) (param $n i32)
    (param $scale f32) (param $keep f32) (param $c1 f32) (param $b2 f32) (param $c2 f32)
    (param $size f32) (param $correction f32) (param $epsilon f32)
    (local $i i32) (local $end i32)
    (local $G4 v128) (local $M4 v128) (local $V4 v128) (local $G1 f32) (local $M1 f32) (local $V1 f32)
    (local.set $end (i32.mul (local.get $n) (i32.const 4)))
    ${loop("four", vector, update(vector, "4"))}
    ${loop("one", single, update(single, "1"))})

  ;; y += x over n floats: gradients of the parts of a batch.
  (func (export "accumulate") (param $y i32) (param $x i32) (param $n i32)
    (local $i i32) (local $end i32)
    (local.set $end (i32.mul (local.get $n) (i32.const 4)))
    ${loop("four", vector, vector.store(at("y"), vector.op("add", vector.load(at("y")), vector.load(at("x")))))}
    ${loop("one", single, single.store(at("y"), single.op("add", single.load(at("y")), single.load(at("x")))))}))
`;
