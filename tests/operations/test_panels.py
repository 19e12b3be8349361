"""What a panel draws."""

from ml.metric_histograms import Estimate
from operations.services.panels import Column, Panel, line


def panel(*estimates: Estimate) -> Panel:
    chart = {"type": "line", "labels": [], "series": [line("AUC", estimates, 1)], "marks": [{"name": "", "value": 0.9}]}
    return Panel("auc", "AUC", "", (Column("Day", "text"), Column("AUC")), [("1", one) for one in estimates], chart)


def test_axes_without_a_figure_are_not_drawn() -> None:
    nothing, something = Estimate(None, None, None, 3), Estimate(0.7, 0.6, 0.8, 300)
    assert not panel(nothing, nothing).is_drawn
    assert panel(nothing, something).is_drawn
    assert not Panel("x", "X", "", (Column("Day", "text"),), [("1",)]).is_drawn
