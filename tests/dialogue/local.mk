# tests/dialogue/ - the plugin behind libsasl, both ends in one process, with
# the scriptable mechanism.

if HAVE_CHECK
C_TESTS += \
	tests/dialogue/t_entry \
	tests/dialogue/t_decoder \
	tests/dialogue/t_every \
	tests/dialogue/t_loop \
	tests/dialogue/t_model \
	tests/dialogue/t_options \
	tests/dialogue/t_plus \
	tests/dialogue/t_publish \
	tests/dialogue/t_publish_json \
	tests/dialogue/t_publish_names \
	tests/dialogue/t_publish_roles \
	tests/dialogue/t_state \
	tests/dialogue/t_tag
if HAVE_NSS
C_TESTS += \
	tests/dialogue/t_unix_groups
endif
if HAVE_PAC
C_TESTS += \
	tests/dialogue/t_pac_login
endif
endif

if HAVE_PAC
tests_dialogue_t_decoder_CPPFLAGS = $(AM_CPPFLAGS) -DHAVE_PAC
endif
tests_dialogue_t_every_SOURCES = $(every) tests/dialogue/t_every.c
tests_dialogue_t_loop_SOURCES = \
	tests/dialogue/t_loop.c tests/dialogue/t_loop.h \
	tests/dialogue/t_loop_client.c \
	tests/dialogue/t_loop_first.c \
	tests/dialogue/t_loop_more.c tests/dialogue/t_loop_more.h \
	tests/dialogue/t_loop_server.c \
	tests/dialogue/t_loop_size.c
tests_dialogue_t_model_SOURCES = $(forge) \
	tests/dialogue/t_model.c tests/dialogue/t_model.h \
	tests/dialogue/t_model_krb5.c
tests_dialogue_t_model_CFLAGS = $(AM_CFLAGS) $(KRB5_CFLAGS)
tests_dialogue_t_model_LDADD = $(LDADD) $(KRB5_LIBS)
tests_dialogue_t_options_SOURCES = \
	tests/dialogue/t_options.c tests/dialogue/t_options.h \
	tests/dialogue/t_options_client.c \
	tests/dialogue/t_options_file.c \
	tests/dialogue/t_options_flags.c \
	tests/dialogue/t_options_logs.c \
	tests/dialogue/t_options_offers.c \
	tests/dialogue/t_options_pool.c
tests_dialogue_t_pac_login_SOURCES = $(pac_sample) tests/dialogue/t_pac_login.c
tests_dialogue_t_pac_login_CFLAGS = $(AM_CFLAGS) $(PAC_CFLAGS)
tests_dialogue_t_pac_login_LDADD = $(LDADD) $(PAC_LIBS)
tests_dialogue_t_state_SOURCES = \
	tests/dialogue/t_state.c tests/dialogue/t_state.h \
	tests/dialogue/t_state_memory.c
