"""The catalogue: every report is whole, in both languages."""

from pointsman.reports.catalogue import REPORTS, STATISTICS, Source, sum_columns


def test_the_reports_of_this_version_are_all_there() -> None:
    assert set(REPORTS) == {"R01", "R02", "R03", "R04", "R05", "R08", "R09", "R12"}


def test_every_grouping_has_its_columns_and_every_column_two_names() -> None:
    for one in (*REPORTS.values(), STATISTICS):
        assert not one.title(chinese=True).isascii()
        assert not one.about(chinese=True).isascii()
        assert (one.source is Source.SUMS) == bool(one.groupings)
        for by in one.groupings:
            columns = sum_columns(one, by)
            codes = [column.code for column in columns]
            assert len(set(codes)) == len(codes)
            assert all(not column.zh.isascii() for column in columns)
