# SPDX-License-Identifier: Apache-2.0
# For a suite in Python, as counts.sh for the others: counts what is right and what is not. It ends with
# sys.exit(counts.end()), whose line "N passed, N failed" tests/run.sh looks for.
passed = failed = 0


def check(good, text):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED:", text)


def end():
    """Say the counts; the exit code."""
    print(f"{passed} passed, {failed} failed")
    return failed != 0
