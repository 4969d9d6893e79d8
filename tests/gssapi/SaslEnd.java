import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;

/**
 * One end of GSSAPI by Java's own SASL, for sasl_end.py: it obeys the lines
 * that tests/peer/sasl-end.c does, but for those that are of libsasl alone.
 *
 * <pre>SaslEnd client|server [KEY=VALUE ...]</pre>
 *
 * Keys: qop, buffer (Sasl.MAX_BUFFER), mutual (Sasl.SERVER_AUTH), authzid.
 */
public class SaslEnd {
    private static final String SERVICE = "imap", HOST = "localhost";
    private static final int OK = 0, CONTINUE = 1, FAIL = -1;

    private final Map<String, String> settings = new HashMap<>();
    private ByteBuffer kept = ByteBuffer.allocate(0);
    private String user = "";
    private SaslClient client;
    private SaslServer server;

    SaslEnd(String[] words) throws SaslException {
        for (int i = 1; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Map<String, String> properties = Map.of(
            Sasl.QOP, settings.getOrDefault("qop", "auth"),
            Sasl.MAX_BUFFER, settings.getOrDefault("buffer", "65536"),
            Sasl.SERVER_AUTH, settings.getOrDefault("mutual", "true"));
        if (words[0].equals("client"))
            client = Sasl.createSaslClient(
                new String[] {"GSSAPI"}, settings.get("authzid"), SERVICE,
                HOST, properties, null);
        else
            server = Sasl.createSaslServer("GSSAPI", SERVICE, HOST,
                                           properties, this::authorize);
    }

    private void authorize(Callback[] callbacks) {
        for (Callback callback : callbacks) {
            if (callback instanceof AuthorizeCallback asked) {
                asked.setAuthorized(true);
                user = asked.getAuthorizationID();
            }
        }
    }

    private boolean isComplete() {
        return client != null ? client.isComplete() : server.isComplete();
    }

    private String property(String name) {
        Object value = client != null ? client.getNegotiatedProperty(name)
                                      : server.getNegotiatedProperty(name);
        return value == null ? "" : value.toString();
    }

    private byte[] step(byte[] octets) throws SaslException {
        if (client != null)
            return client.evaluateChallenge(octets);
        byte[] answer = server.evaluateResponse(octets);
        boolean isEmpty = answer == null || answer.length == 0;
        return isComplete() && isEmpty ? null : answer;
    }

    private byte[] wrap(byte[] octets, int at, int size)
            throws SaslException {
        return client != null ? client.wrap(octets, at, size)
                              : server.wrap(octets, at, size);
    }

    private byte[] unwrap(byte[] octets) throws SaslException {
        return client != null ? client.unwrap(octets, 0, octets.length)
                              : server.unwrap(octets, 0, octets.length);
    }

    private boolean hasLayer() {
        return !property(Sasl.QOP).equals("auth");
    }

    /* Frames of the layer: what fits into each is Java's to say. */
    private byte[] encode(byte[] octets) throws IOException {
        if (!hasLayer())
            return octets;
        int most = Integer.parseInt(property(Sasl.RAW_SEND_SIZE));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < octets.length; at += most) {
            byte[] frame = wrap(octets, at, Math.min(most,
                                                     octets.length - at));
            out.write(ByteBuffer.allocate(4).putInt(frame.length).array());
            out.write(frame);
        }
        return out.toByteArray();
    }

    private byte[] decode(byte[] octets) throws IOException {
        if (!hasLayer())
            return octets;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        kept = ByteBuffer.allocate(kept.remaining() + octets.length)
            .put(kept).put(octets).flip();
        while (kept.remaining() >= 4
               && kept.remaining() - 4 >= kept.getInt(kept.position())) {
            byte[] frame = new byte[kept.getInt()];
            kept.get(frame);
            out.write(unwrap(frame));
        }
        return out.toByteArray();
    }

    private static byte[] octetsOf(String[] words) {
        return words.length < 2 || words[1].equals("=")
            ? new byte[0] : Base64.getDecoder().decode(words[1]);
    }

    private static String answer(int code, byte[] octets, String text) {
        String shown = octets == null
            ? "=" : Base64.getEncoder().encodeToString(octets);
        return code + " " + shown + " " + text;
    }

    private String obey(String line) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("get"))
            return "get\tqop=" + property(Sasl.QOP) + "\tuser=" + user
                + "\tmaxoutbuf=" + property(Sasl.RAW_SEND_SIZE);
        try {
            switch (words[0]) {
            case "encode":
                return answer(OK, encode(octetsOf(words)), "");
            case "decode":
                return answer(OK, decode(octetsOf(words)), "");
            default:
                byte[] said = step(octetsOf(words));
                return answer(isComplete() ? OK : CONTINUE, said, "");
            }
        } catch (IOException failure) {
            return answer(FAIL, null, String.valueOf(failure));
        }
    }

    /** The command. */
    public static void main(String[] words) throws IOException {
        SaslEnd end = new SaslEnd(words);
        BufferedReader lines = new BufferedReader(
            new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null;)
            System.out.println(end.obey(line));
    }
}
