# tests/demo/ - what ./demo shows: make demo-run [DEMO_ARGS=...]

.PHONY: demo-needs demo-run
demo-needs: all tests/peer/sasl-peer$(EXEEXT) tests/modules/kdc-inject.la
demo-run: demo-needs
	@$(AM_TESTS_ENVIRONMENT) \
	  $(PYTHON) $(srcdir)/tests/demo/demo.py $(DEMO_ARGS)

FOREIGN_TESTS += tests/demo/t_demo.py

EXTRA_DIST += \
	tests/demo/demo.py \
	tests/demo/demo_ad.py \
	tests/demo/demo_eap.py \
	tests/demo/show.py
