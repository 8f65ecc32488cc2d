#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tries every design of a folder with airlock and prints how far each came.

    try_designs.py FOLDER --airlock build/airlock --expect expectations.json

Every *.mlir below FOLDER is read, lowered and run. A generator (*.py that imports aie) is run where
its `aie` module imports, and what it prints is tried; elsewhere it is counted as "generator".

The file of expectations is JSON: an object whose keys are the ends of paths (`split/join.mlir`, or
the folder `split`), the longest that fits counts. Each has

    args     number of an argument -> what it holds before the run
    scalars  name -> number, for arguments of the sequence that are no memory
    expect   number of an argument -> what it should hold after the run
    first    compare only so many elements of each
    sorted   the order of the elements is open: compare them sorted
    outcome  "right" (default) or "hang"
    runs     dispatches, without a reset between them
    sizes    number of an argument -> elements, where the host's buffer is larger than the sequence
             says
    options  what its test passes to the compiler: ["--alloc-scheme", "basic-sequential"]
    kernels  a shared object with its external functions, beside the expectations
    device   in place of a placeholder; sequence: which one; fails: it is refused with this in it

What arguments hold is a list of numbers or a Python expression of the element's number `i` and of
arguments before the run, `arg0[i]`; also int, min, max, abs, sorted, sum, range.

Exit status: 0, or 1 when a design with an expectation did not come out as it says.
"""
import argparse
import ast
import collections
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

FORMATS = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f16": "e", "bf16": "H"}
STAGES = ("parsed", "lowered", "ran", "right")
FUNCTIONS = {"int": int, "min": min, "max": max, "abs": abs, "sorted": sorted,
             "sum": sum, "range": range}
ALLOWED = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call,
           ast.Name, ast.Load, ast.Subscript, ast.Index, ast.List, ast.Constant, ast.operator,
           ast.unaryop, ast.boolop, ast.cmpop, ast.GeneratorExp, ast.comprehension, ast.Store)


def evaluate(content, count, arguments):
    """The elements that a list or an expression stands for; a list is filled up with zeros."""
    if isinstance(content, list):
        return (content + [0] * count)[:count]
    tree = ast.parse(str(content), mode="eval")
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise ValueError(f"`{content}`: {type(node).__name__} is no part of an expression")
    code = compile(tree, "<expectation>", "eval")
    names = dict(FUNCTIONS, __builtins__={}, **{f"arg{n}": v for n, v in arguments.items()})
    return [eval(code, dict(names, i=i)) for i in range(count)]


def pack(values, kind):
    """Elements as memory holds them: integers wrap, bf16 is cut (small whole numbers are exact)."""
    if kind == "f32":
        return struct.pack(f"<{len(values)}f", *values)
    if kind == "bf16":
        return b"".join(struct.pack("<f", v)[2:] for v in values)
    size = struct.calcsize(FORMATS[kind])
    return b"".join((int(v) % (1 << 8 * size)).to_bytes(size, "little") for v in values)


def unpack(data, kind):
    if kind == "bf16":
        return [struct.unpack("<f", b"\0\0" + data[k:k + 2])[0] for k in range(0, len(data), 2)]
    return list(struct.unpack(f"<{len(data) // struct.calcsize(FORMATS[kind])}{FORMATS[kind]}",
                              data))


def reason_of(text):
    """An error without its place and names, so that equal ones count together."""
    lines = [line for line in text.splitlines() if line.strip()]
    line = next((line for line in lines if line.startswith("error: ")), lines[0] if lines else "?")
    line = re.sub(r"^error: ", "", line)
    line = re.sub(r"\S+\.mlir:\d+(:\d+)?: ", "", line)
    line = re.sub(r"core\(\d+,\d+\)(: core\(\d+,\d+\))?, line \d+: ", "", line)
    if "calls of functions without a kernel" in line:
        return "external functions without a kernel"
    return re.sub(r"`[^`]*`", "`...`", re.sub(r"\d+", "N", line))[:110]


class Design:
    """One file and how far it came."""

    def __init__(self, name, path, options, expectation):
        self.name, self.path, self.options = name, path, options
        self.expectation = expectation or {}
        self.known = expectation is not None
        self.reached = 0
        self.reason = ""
        self.unexpected = False

    def airlock(self, *arguments):
        command = [self.options.airlock, "run", str(self.path), *arguments]
        device = self.expectation.get("device", self.options.device)
        if device:
            command += ["--device", device]
        if "sequence" in self.expectation:
            command += ["--sequence", self.expectation["sequence"]]
        command += self.expectation.get("options", [])
        if "kernels" in self.expectation:
            beside = pathlib.Path(self.options.expect).parent
            command += ["--kernels", str(beside / self.expectation["kernels"])]
        elif self.options.kernels:
            command += ["--kernels", self.options.kernels]
        for name, value in self.expectation.get("scalars", {}).items():
            command += ["--arg", f"{name}={value}"]
        try:
            return subprocess.run(command, capture_output=True, text=True,
                                  timeout=self.options.timeout)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, -1, "", "error: takes too long")

    def attempt(self):
        try:
            self.reason = self.stages()
        except (ValueError, LookupError, TypeError, ArithmeticError, SyntaxError) as problem:
            self.reason = f"expectation: {problem}"
        if self.known:
            fails = self.expectation.get("fails")
            self.unexpected = fails not in self.reason if fails else self.reached < len(STAGES)

    def stages(self):
        """What is missing first, or nothing."""
        read = self.airlock("--stop-after", "read")
        if read.returncode != 0:
            return reason_of(read.stderr)
        self.reached = 1
        lowered = self.airlock("--stop-after", "lower")
        if lowered.returncode != 0:
            return reason_of(lowered.stderr)
        self.reached = 2
        arguments = json.loads(lowered.stdout)["arguments"]
        with tempfile.TemporaryDirectory() as folder:
            return self.simulate(arguments, pathlib.Path(folder))

    def simulate(self, arguments, folder):
        wanted = self.expectation
        before, command = {}, []
        for index, argument in enumerate(arguments):
            if str(index) in wanted.get("sizes", {}):
                argument["elements"] = wanted["sizes"][str(index)]
                size = argument["elements"] * len(pack([0], argument["type"]))
                command += ["--size", f"{index}={size}"]
            content = wanted.get("args", {}).get(str(index), "i + 1" if not self.known else "0")
            values = evaluate(content, argument["elements"], before)
            data = pack(values, argument["type"])
            before[index] = unpack(data, argument["type"])
            (folder / f"{index}.in").write_bytes(data)
            command += ["--arg", f"{index}={folder / f'{index}.in'}",
                        "--out", f"{index}={folder / f'{index}.out'}"]
        if "runs" in wanted:
            command += ["--runs", str(wanted["runs"])]
        ran = self.airlock("-q", "--json", *command)
        if ran.returncode not in (0, 4, 5):
            return reason_of(ran.stderr)
        verdict = json.loads(ran.stdout)["verdict"]
        if wanted.get("outcome") == "hang":
            self.reached = 4 if verdict == "hang" else 3
            return "" if verdict == "hang" else "finished; it hangs on the device"
        if verdict != "pass":
            return verdict
        self.reached = 3
        if not self.known:
            return "no expectation"
        return self.compare(arguments, before, folder)

    def compare(self, arguments, before, folder):
        for number, content in self.expectation.get("expect", {}).items():
            index = int(number)
            argument = arguments[index]
            count = self.expectation.get("first", argument["elements"])
            values = evaluate(content, count, before)
            want = unpack(pack(values, argument["type"]), argument["type"])
            got = unpack((folder / f"{index}.out").read_bytes(), argument["type"])[:count]
            if self.expectation.get("sorted"):
                want, got = sorted(want), sorted(got)
            for at, (w, g) in enumerate(zip(want, got)):
                if w != g:
                    return f"wrong: argument {index}[{at}] is {g}, not {w}"
        self.reached = 4
        return ""


def generated(path, folder):
    """The design that a generator prints, in a file; nothing when it cannot be run here."""
    try:
        made = subprocess.run([sys.executable, str(path)], capture_output=True, text=True,
                              timeout=120, cwd=path.parent)
    except subprocess.TimeoutExpired:
        return None
    if made.returncode != 0 or "aie.device" not in made.stdout:
        return None
    target = folder / (str(path).strip("/").replace("/", "_") + ".mlir")
    target.write_text(made.stdout)
    return target


def imports_aie(path):
    return re.search(r"^\s*(from|import) aie\b", path.read_text(errors="replace"), re.M) is not None


def expectation_of(name, expectations):
    """The longest key that is an end of the path, or of its folder."""
    folder = str(pathlib.PurePosixPath(name).parent)
    ends = [key for key in expectations if any(
        f"/{place}".endswith(f"/{key}") for place in (name, folder))]
    return expectations[max(ends, key=len)] if ends else None


def gather(options, expectations, folder):
    root = pathlib.Path(options.folder)
    generators, designs = [], []
    for path in sorted(root.rglob("*.mlir")):
        name = path.relative_to(root).as_posix()
        designs.append(Design(name, path, options, expectation_of(name, expectations)))
    for path in sorted(root.rglob("*.py")):
        if not imports_aie(path):
            continue
        name = path.relative_to(root).as_posix()
        made = generated(path, folder)
        if made:
            designs.append(Design(name, made, options, expectation_of(name, expectations)))
        else:
            generators.append(name)
    return designs, generators


def report(designs, generators):
    width = max([len(d.name) for d in designs] + [6])
    print(f"{'design':{width}}  " + "  ".join(STAGES) + "  first thing missing")
    for design in designs:
        marks = "  ".join(f"{'yes' if design.reached > k else '-':{len(stage)}}"
                          for k, stage in enumerate(STAGES))
        print(f"{design.name:{width}}  {marks}  {design.reason}".rstrip())
    print()
    counts = [sum(d.reached > k for d in designs) for k in range(len(STAGES))]
    print(f"designs {len(designs)}, " +
          ", ".join(f"{stage} {count}" for stage, count in zip(STAGES, counts)) +
          f", generator {len(generators)}")
    for reason, count in collections.Counter(d.reason for d in designs if d.reason).most_common():
        print(f"{count:5}  {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--airlock", default="airlock", help="the binary")
    parser.add_argument("--expect", help="file of expectations")
    parser.add_argument("--device", default="npu1", help="in place of a placeholder")
    parser.add_argument("--kernels", help="a shared object with external functions, for all")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one run")
    options = parser.parse_args()
    expectations = {}
    if options.expect:
        expectations = json.loads(pathlib.Path(options.expect).read_text())
    with tempfile.TemporaryDirectory() as folder:
        designs, generators = gather(options, expectations, pathlib.Path(folder))
        for design in designs:
            design.attempt()
    report(designs, generators)
    return 1 if any(design.unexpected for design in designs) else 0


if __name__ == "__main__":
    sys.exit(main())
