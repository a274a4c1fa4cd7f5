-- The requests of a day that is not closed are put in order by card and amount when they are added
-- up: 167,000 of them take 53 MB, which beside sales shall be no files on the journal's disk. Two
-- statements of reports run at once at most (store/console_figures.py).
alter function live_figures(date, date, text[]) set work_mem = '64MB';
