# tests/realm/ - server and client in two processes, in a Kerberos realm.

SCRIPT_TESTS += \
	tests/realm/t_ad.py \
	tests/realm/t_anonymous.py \
	tests/realm/t_attributes.py \
	tests/realm/t_attributes_leftovers.py \
	tests/realm/t_credentials.py \
	tests/realm/t_delegation.py \
	tests/realm/t_faults.py \
	tests/realm/t_iakerb.py \
	tests/realm/t_identity.py \
	tests/realm/t_keytab.py \
	tests/realm/t_log.py \
	tests/realm/t_login.py \
	tests/realm/t_nobody.py \
	tests/realm/t_realm.py \
	tests/realm/t_rules_live.py \
	tests/realm/t_unix_groups.py

FOREIGN_TESTS += \
	tests/realm/t_eap.py \
	tests/realm/t_heimdal.py \
	tests/realm/t_ntlm.py

FULL_TESTS += \
	tests/realm/t_ad_large.py
