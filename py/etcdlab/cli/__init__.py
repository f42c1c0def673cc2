"""The command line of the scripts: flags, tables, progress, files, exit statuses."""
