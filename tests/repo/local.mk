# tests/repo/ - what the tree, its documents and its packages promise; the
# programs of ./check.

check_PROGRAMS += tests/repo/tables

tests_repo_tables_LDADD = libgs2common.la $(GSS_LIBS)

SCRIPT_TESTS += \
	tests/repo/t_example.py \
	tests/repo/t_includes.py \
	tests/repo/t_layers.sh \
	tests/repo/t_pages.py \
	tests/repo/t_rows.py

# Its servers are the system's; the others run no code that sanitizers watch.
FOREIGN_TESTS += \
	tests/repo/t_configure.sh \
	tests/repo/t_docs.sh \
	tests/repo/t_quick_start.py \
	tests/repo/t_report.py

FULL_TESTS += \
	tests/repo/t_package.sh \
	tests/repo/t_package_bare.sh \
	tests/repo/t_readme.py

EXTRA_DIST += \
	tests/repo/commands \
	tests/repo/analyse \
	tests/repo/builds \
	tests/repo/coverage.py \
	tests/repo/install-packages \
	tests/repo/on-suite \
	tests/repo/report.py \
	tests/repo/system-copy
