"""Bars of characters."""

from etcdlab.cli.bars import bars


def test_bars() -> None:
    assert bars([]) == ""
    assert bars([("a", 1), ("long", 80), ("none", 0)]) == (
        f"   a {'#':40} 1\nlong {'#' * 40} 80\nnone {'':40} 0"
    )
    assert bars([("a", 0)]) == f"a {'':40} 0"
