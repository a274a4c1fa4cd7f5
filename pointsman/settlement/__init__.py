"""Adding up: what a closed business day holds, as totals, comparisons and files.

Cores decide (totals, batch, files, end_of_day), one shell waits and writes (closing). What belongs
to a day is fixed by the store when the day closes; everything here is derived from that.
"""
