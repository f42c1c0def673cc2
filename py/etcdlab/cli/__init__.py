"""What the scripts have in common: flags, tables, progress, files, exit statuses."""
