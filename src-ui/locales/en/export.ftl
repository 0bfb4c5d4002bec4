# Files that are written.

writing = Writing…
# The path is no text.
written = Written to { $path }
not-written = Not written: { $cause }
diagnostics = Export diagnostics
diagnostics-note = One file for support. It bears no token, no vault and no figure.
alerts = Export
csv = CSV
csv-note = for spreadsheets
json = JSON
json-note = everything, for programs
