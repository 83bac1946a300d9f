"""Why each of our error codes comes up, and what to do about it: what ``docs/troubleshooting.md`` tells of them."""

from collections.abc import Mapping
from typing import NamedTuple


class Remedy(NamedTuple):
    """The usual causes of an error, and the way out."""

    cause: str
    fix: str


REMEDIES: Mapping[str, Remedy] = {
    # --- InvalidInput ---
    "invalid_input": Remedy(
        "An input is missing, misspelt, of another type or out of bounds; or the service refused one with 400 or 422.",
        "Read `fields`: each entry names the input and says what is wrong. The component's page shows the form.",
    ),
    "cannot_be_pickled": Remedy(
        "A connector over a token that came with the call, or of a `Runtime` of your own, went to another process.",
        "Hand over the name of a kept connection, or `{key, fields, token}`, and call `connect` over there.",
    ),
    "invalid_connection": Remedy(
        "The connection is no `{key, fields, token}`, lacks a field, or has one that cannot be, such as an "
        "`apiUrl` with a path.",
        "Compare it with the connections on the component's page; a sandbox prints one as it should be.",
    ),
    "invalid_connection_name": Remedy(
        "The name has other signs than letters, digits, spaces, `-`, `_` and `.`, is over 100 long, or looks like a "
        "token.",
        "Choose a short name; a token goes into `token=`.",
    ),
    "invalid_json": Remedy(
        "Text that has to be JSON has a slip, most often a quote that the shell took away.",
        "Put the JSON in a file and give `@FILE`, or `-` for standard input.",
    ),
    "invalid_option": Remedy(
        "An option is misspelt or out of bounds, or an idempotency key went to an action that does not create.",
        "See the bounds in [calls](calls.md#options).",
    ),
    "invalid_program": Remedy(
        "The program of `--jq` has a slip, or asks a result for what it has not, such as a member of a list.",
        "Try it as `.` first, which is the whole result, and add to it step by step.",
    ),
    "invalid_request": Remedy(
        "A raw request has a header, an address or a body that cannot go over HTTP.",
        "Mend what the message names.",
    ),
    "invalid_state": Remedy(
        "The `state` of a poll was changed, or belongs to another resource.",
        "Hand back what the last poll returned, one state for each trigger and resource; without a state it begins "
        "anew.",
    ),
    "missing_answer": Remedy(
        "`connect` asked for something, and standard input ended.",
        "Give it with `--field NAME=VALUE`, or a line of standard input for each question.",
    ),
    "missing_secret": Remedy(
        "`connect` asked for a secret, and got nothing.",
        "Type it, or send it on standard input. Secrets do not belong on the command line.",
    ),
    "nameless_connection": Remedy(
        "An idempotency key was given over a connection without a name, which nobody could recognize once its token "
        "has been refreshed.",
        "Keep the connection under a name, or put a `name` of your choice beside `key`, `fields` and `token`.",
    ),
    "no_client": Remedy(
        "`connect` has no `clientId`.",
        "[Register an application](oauth.md) with the vendor and give its `clientId`, or use `--token` with a personal "
        "token.",
    ),
    "no_connection": Remedy(
        "A call without a connection.",
        "Give `--connection NAME`, or set SALES_CONNECTORS_CONNECTION; in Python, `connect(component, name)`.",
    ),
    "no_revocation": Remedy(
        "The vendor has no address at which a token is ended.",
        "Take the access away in the account's own settings, then `connections remove NAME`.",
    ),
    "no_scopes": Remedy(
        "`--for` or `--read-only` was given where the application or the key carries the scopes, or for actions whose "
        "scopes the vendor does not tell.",
        "Leave the option out, or choose the scopes where the application is registered.",
    ),
    "no_sign_in": Remedy(
        "The kind of connection has a key or client credentials, and nobody to sign in.",
        "Give its fields, with `connect COMPONENT NAME` or with the call.",
    ),
    "no_such_grant": Remedy(
        "The component has no connection that works in this way.",
        "Choose one of the connections on its page.",
    ),
    "not_a_list": Remedy(
        "`iterate` was asked to walk an action that answers with one record.",
        "Call the action itself: `sell.getDeal(id=7)`.",
    ),
    "redirect_uri": Remedy(
        "The redirect address is not on this machine, so that no browser can come back to this program.",
        "Register and use `http://127.0.0.1:8765/callback`, or paste the address that the browser ended at.",
    ),
    "secret_on_command_line": Remedy(
        "A secret stands among the arguments, which other users of the machine can list.",
        "Leave it out and type it, or give `@FILE` or `-`.",
    ),
    "unknown_column": Remedy(
        "A name of `--columns` is no field of the record.",
        "Take one that the message offers, or of the record on the component's page; `address.city` looks inside.",
    ),
    "unreadable_file": Remedy(
        "The file behind `@FILE` is missing, is no text, or belongs to somebody else.",
        "Check its path and its rights.",
    ),
    "usage": Remedy(
        "An unknown command or option, or one too many.", "`--help` after any command shows what it takes."
    ),
    "wrong_connection": Remedy(
        "The name is that of a connection to another component.",
        "`sales-connectors connections` lists which is which.",
    ),
    # --- NotAuthenticated ---
    "not_authenticated": Remedy(
        "The service answered 401: the token was taken back, or belongs to another host.",
        "Sign in again: `sales-connectors connect COMPONENT NAME`.",
    ),
    "malformed_token": Remedy(
        "The token has spaces, line breaks or letters that no token has.",
        "Copy it again, without quotes and without the line's end.",
    ),
    "no_code": Remedy(
        "The pasted address has no `code` and `state`.",
        "Copy the address bar after the vendor has sent the browser back, whole.",
    ),
    "no_refresh_token": Remedy(
        "The access token has ended and came without a refresh token.",
        "Sign in again, or keep the whole answer of the token endpoint as `token`.",
    ),
    "no_token": Remedy(
        "The connection has fields and no token.", "Sign in with `connect`, or hand over `token` beside the fields."
    ),
    "refused_signature": Remedy(
        "The private key or the id of a server-to-server application is another one, or the application is not "
        "installed.",
        "Compare both with the vendor's page of the application, and install it in the account.",
    ),
    "sign_in_required": Remedy(
        "The refresh token was refused: revoked, ended for want of use, or spent by another program.",
        "Sign in again. Let one store, or one `on_token`, hold each pair, and no copies.",
    ),
    "sign_in_timeout": Remedy(
        "The browser did not come back in time, or to another machine.",
        "Begin again. Without a browser here, paste the address that it ended at.",
    ),
    "state_mismatch": Remedy(
        "The browser came back from an older attempt, or the sign-in took over ten minutes.",
        "Close the old tabs and begin again.",
    ),
    "token_expired": Remedy(
        "The token came with the call, has ended, and nobody said where a new pair is kept.",
        "Give `on_token`, or keep the connection under a name. See [embedding](embedding.md#tokens).",
    ),
    # --- NotAllowed ---
    "not_allowed": Remedy(
        "The token lacks a scope, or its user lacks the right, or the account lacks the plan.",
        "Sign in with the scope that the message names; rights and plans are the account's administrator's.",
    ),
    # --- NotFound ---
    "not_found": Remedy(
        "The record was deleted, belongs to another account, or its id is of another type.",
        "Look it up with the picklist of the input, or with the list action.",
    ),
    "no_demo": Remedy("The component has no `sandbox/demo.py`.", "Choose a component that has one."),
    "no_sandbox": Remedy("The component has no `sandbox/service.py`.", "Choose a component that has one."),
    "position_expired": Remedy(
        "A poll or a stream goes on from a position that the service has forgotten; Zendesk Sell keeps 72 hours.",
        "Poll more often. Where the message says so, set `position` in the state to null to go on without the "
        "deletions since then; else begin without a state.",
    ),
    "unknown_action": Remedy("A misspelt key.", "`describe COMPONENT` lists them; the message names the nearest."),
    "unknown_component": Remedy("A misspelt key.", "`describe` lists them; the message names the nearest."),
    "unknown_connection": Remedy(
        "Nothing is kept under this name in the store that is used.",
        "`sales-connectors connections` shows what is kept. Check SALES_CONNECTORS_HOME and SALES_CONNECTORS_STORE: "
        "another user or machine has another store.",
    ),
    "unknown_data_source": Remedy("A misspelt key.", "`describe COMPONENT` lists the picklists."),
    "unknown_entry": Remedy(
        "The name is none of the component's actions, data sources, triggers and connections.",
        "`sales-connectors describe COMPONENT` lists them.",
    ),
    "unknown_trigger": Remedy("A misspelt key.", "`describe COMPONENT` lists the triggers."),
    # --- Conflict ---
    "conflict": Remedy(
        "The service answered 409: such a record is there, or it changed meanwhile.",
        "Read the record and decide which is meant; an upsert changes the one that is there.",
    ),
    "already_there": Remedy("A file or a component has this name.", "Choose another name, or move it away."),
    "already_started": Remedy(
        "A bulk job was started and takes no more records.",
        "Put the rest into another job; run this one without records for its outcomes.",
    ),
    "idempotency_key_reused": Remedy(
        "The same key came with other inputs before.",
        "Make the key of what the record stands for (`order-7`), and keep its inputs; another record takes another "
        "key.",
    ),
    "name_taken": Remedy("Another connection has this name.", "Choose another one, or `connections remove` the old."),
    "other_records": Remedy(
        "A bulk job holds records that are not among those given.", "Make a job of its own for each set of records."
    ),
    "several_matches": Remedy(
        "More than one record has the value to match by.", "Merge them at the service, or name the one by its id."
    ),
    # --- RateLimited ---
    "rate_limited": Remedy(
        "The service answered 429, after all retries: other programs use the same account's rate.",
        "Wait `retry_after` seconds. Lower `rateLimit` of the connection where others share the account.",
    ),
    "budget": Remedy(
        "Many calls wait for the rate of the connection, and this one's deadline comes first.",
        "Try later, or give a longer `deadline`.",
    ),
    # --- Unavailable ---
    "unavailable": Remedy(
        "No connection, a time-out, or 5xx, after all retries.",
        "Try again later if `retryable`; `--debug` shows each exchange.",
    ),
    "busy": Remedy(
        "Another process refreshes this token or gives the store a new key, and has for long.",
        "Try again in a minute; if it stays so, end the process that hangs.",
    ),
    "connection_changed": Remedy(
        "Somebody signed in again, or removed the connection, in the middle of the call.", "Make the call again."
    ),
    "deadline": Remedy(
        "The call took longer than its `deadline`, waits and retries included.",
        "Give it more, or read fewer records at once.",
    ),
    "idempotency_key_busy": Remedy(
        "Another process creates under this key at this moment.",
        "Ask again after `retry_after` seconds with the same key: the answer is its record.",
    ),
    "outcome_unknown": Remedy(
        "A write was sent, and the connection broke before the answer.",
        "With an idempotency key ask again with the same key, after `retry_after` where it is given. Without one, look "
        "whether the record is there before you repeat.",
    ),
    "tls": Remedy(
        "The certificate is not trusted here, most often because of a proxy that opens TLS, or a wrong clock.",
        "Name the proxy's certificate in REQUESTS_CA_BUNDLE, and check the clock.",
    ),
    # --- InvalidResponse ---
    "invalid_response": Remedy(
        "The service, or something in front of it, answered with another shape: a sign-in page, a part of JSON.",
        "Look at it with `--debug`; check `apiUrl`; then tell the vendor, with `request_id`.",
    ),
    "broken_encoding": Remedy(
        "The reply says that it is compressed, and is not.", "Look for a proxy in between; then tell the vendor."
    ),
    "broken_headers": Remedy(
        "Two headers of the reply tell two lengths.", "Look for a proxy in between; then tell the vendor."
    ),
    "endless_list": Remedy(
        "A page led back to one that was read, or did not move on.", "Try again; then tell the vendor."
    ),
    "error_in_success": Remedy(
        "The service answered 200 with an error inside.", "Read `vendor`; then tell the vendor."
    ),
    "redirect": Remedy(
        "The service sent the request elsewhere, and no token follows it there.",
        "Check `apiUrl`: http for https, or the address of another region.",
    ),
    "reply_too_large": Remedy(
        "One reply has more than `max_reply` megabytes.", "Read less at once, or raise `max_reply`."
    ),
    "token_still_works": Remedy(
        "The vendor confirmed the end of the token, and takes it all the same. The connection is kept.",
        "Take the access away in the account's own settings.",
    ),
    # --- ConfigurationError ---
    "configuration": Remedy("Something around the program is not as it must be.", "Mend what the message names."),
    "component": Remedy(
        "A handler of the component returns something else than it has to.",
        "Mend the handler that the message names; `sales-connectors check COMPONENT` finds more.",
    ),
    "callback_failed": Remedy(
        "`on_token` raised, or a warning about an unkept token was raised as an error.",
        "Mend the function. The token is told again with the next call.",
    ),
    "connection_file": Remedy(
        "The file of `--connection @FILE` cannot be read, locked or written with the new token.",
        "Let the user who runs the program read and write it, and its folder.",
    ),
    "demo": Remedy(
        "A step of the demo went otherwise than told.", "Run it again; if it stays so, report it with its output."
    ),
    "no_ca_bundle": Remedy(
        "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names a file that is not there.", "Name one that is, or unset it."
    ),
    "key_log_file": Remedy("SSLKEYLOGFILE names a file that cannot be written.", "Unset it, or name another one."),
    "missing_extra": Remedy(
        "What was asked for needs an optional library.", "Install the extra that the message names."
    ),
    "output": Remedy("The disk is full, or whoever reads the output is gone.", "Make room, or write elsewhere."),
    "port_in_use": Remedy("Another program listens there.", "Name another `--port`; 0 takes any free one."),
    "proxy": Remedy(
        "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is no address, or names SOCKS without its library.",
        "Mend or unset the variable; for SOCKS, `pip install 'requests[socks]'`.",
    ),
    "register": Remedy(
        "A manifest names what is not there, or a form breaks a rule.",
        "`sales-connectors check COMPONENT` tells file and line of each.",
    ),
    "resources": Remedy(
        "The system gives no more files, memory, threads or disk.",
        "Raise its limits (`ulimit -a`), or do less at once.",
    ),
    "stale_docs": Remedy("A form or a manifest changed after the pages were written.", "`sales-connectors docs`"),
    "state_file": Remedy(
        "The file of a poll's or of a sandbox's state cannot be written, or holds something else.",
        "Name another file, or let the program write it. Without it the next poll repeats this one.",
    ),
    "store_address": Remedy(
        "SALES_CONNECTORS_STORE or SALES_CONNECTORS_HOME is not an address or a folder.",
        "`sqlite:////path/store.db` or `postgresql://user:password@host:5432/database`, with @, / and % of the "
        "password as %40, %2F and %25.",
    ),
    "store_corrupt": Remedy(
        "The file is damaged, or an entry was moved there from elsewhere.",
        "Restore it from a copy, or move it away and sign in again.",
    ),
    "store_driver": Remedy("PostgreSQL's driver is missing.", "`pip install 'sales-connectors[postgresql]'`"),
    "store_failed": Remedy(
        "The disk or the server failed at a statement.", "Look at the disk or the server's log, and try again."
    ),
    "store_full": Remedy("The disk is full, or a quota is used up.", "Make room."),
    "store_key": Remedy(
        "The secrets were sealed with another key: SALES_CONNECTORS_KEY, the key file or the home changed.",
        "Put the right key back. Machines that share a store share its key. Without it, sign in again.",
    ),
    "store_locked": Remedy(
        "Another process has been writing for as long as could be waited for.", "End the process that hangs."
    ),
    "store_read_only": Remedy(
        "The file, its folder or the database takes no writes.", "Let the program write there, or name another store."
    ),
    "store_replaced": Remedy(
        "The file was deleted or replaced under a running process.", "Put the right file in place and start anew."
    ),
    "store_unreachable": Remedy(
        "The server of PostgreSQL does not answer, or refuses the user.",
        "Check SALES_CONNECTORS_STORE, the network and the server.",
    ),
    "store_unreadable": Remedy("The file or its folder cannot be opened.", "Make both readable and writable."),
    "store_unwritable": Remedy(
        "The folder cannot be made, as in a container without a home.", "Name one in SALES_CONNECTORS_HOME."
    ),
    "store_version": Remedy(
        "A newer version of sales-connectors has brought the store up to date.",
        "Upgrade this one, or name another store.",
    ),
    # --- InternalError ---
    "internal": Remedy(
        "We did not foresee this.", "Report it, with the message and what `--debug` shows; secrets are hidden in both."
    ),
}
"""By code, in the order of the table of codes."""
