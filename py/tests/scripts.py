"""The scripts that people run."""

from etcdlab import ROOT

# lib.sh is sourced.
SCRIPTS = sorted({*ROOT.glob("scripts/*.sh"), *ROOT.glob("py/*.py")} - {ROOT / "scripts/lib.sh"})
