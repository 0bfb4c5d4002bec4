# Was über der Seite schwebt: was für alle zusammen gilt.

waiting = { $count } weitere ·{ " " }
dismiss-all = Alle ausblenden
