#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job of `make cosim`: tests/cosim.sh BUILD. Replays the recorded programs on all three
# architectures in lockstep; result.json and what else a run writes go to BUILD/cosim.
build=$1
exec "$build/cowalk" run --out "$build/cosim" tests/scenarios/default*.ini
