package market_research;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;
import org.neo4j.server.security.FormatException;
import org.neo4j.server.security.SecureHasher;
import org.neo4j.server.security.SystemGraphCredential;

/** Who may log in, as the system database has it. */
final class Users {
    private static final Label USER = Label.label("User");
    private static final int SHORTEST_PASSWORD = 8;

    private final GraphDatabaseService system;

    Users(GraphDatabaseService system) {
        this.system = system;
    }

    /** The passwords by user of a file with a line {@code user/password} each; no message repeats one. */
    static Map<String, String> in(String text) {
        Map<String, String> users = new LinkedHashMap<>();
        for (String line : text.strip().split("\\s+")) {
            String[] parts = line.split("/", -1);
            if (parts.length != 2 || !parts[0].matches("[a-z][a-z0-9_]*") || parts[1].length() < SHORTEST_PASSWORD) {
                throw new IllegalStateException("each line has to be <user>/<password>, the password of "
                        + SHORTEST_PASSWORD + " or more characters, without '/' and spaces");
            }
            users.put(parts[0], parts[1]);
        }
        return users;
    }

    /** Gives these users these passwords, and removes all others; tells whose connections are to end. */
    void replaceBy(Map<String, String> wanted, Consumer<String> changed) throws FormatException {
        take(wanted, changed);
        Set<String> others = new HashSet<>(stored().keySet());
        others.removeAll(wanted.keySet());
        for (String name : others) {
            system.executeTransactionally("DROP USER $name", Map.of("name", name));
            System.out.println("User " + name + " removed: it is not among the configured users");
            changed.accept(name);
        }
    }

    /** Gives these users these passwords; tells whose connections are to end. */
    void take(Map<String, String> wanted, Consumer<String> changed) throws FormatException {
        Map<String, Stored> stored = stored();
        for (Map.Entry<String, String> user : wanted.entrySet()) {
            if (set(stored.get(user.getKey()), user.getKey(), user.getValue())) {
                System.out.println("Password of user " + user.getKey() + " set from the configured secret");
                changed.accept(user.getKey());
            }
        }
    }

    private boolean set(Stored stored, String name, String password) throws FormatException {
        boolean same = stored != null && stored.matches(password);
        if (same && stored.mustChange()) { // the server refuses to set the password that is already stored
            system.executeTransactionally("ALTER USER $name SET PASSWORD CHANGE NOT REQUIRED", Map.of("name", name));
        }
        if (!same) {
            system.executeTransactionally(
                    (stored == null ? "CREATE" : "ALTER") + " USER $name SET PASSWORD $password CHANGE NOT REQUIRED",
                    Map.of("name", name, "password", password));
        }
        return !same;
    }

    private Map<String, Stored> stored() {
        Map<String, Stored> users = new LinkedHashMap<>();
        try (Transaction transaction = system.beginTx();
                var nodes = transaction.findNodes(USER)) {
            for (Node user : nodes.stream().toList()) {
                users.put((String) user.getProperty("name"), Stored.of(user));
            }
        }
        return users;
    }

    private record Stored(String credentials, boolean mustChange) {
        static Stored of(Node user) {
            return new Stored(
                    (String) user.getProperty("credentials", null),
                    (Boolean) user.getProperty("passwordChangeRequired", false));
        }

        boolean matches(String password) throws FormatException {
            return credentials != null
                    && SystemGraphCredential.deserialize(credentials, new SecureHasher())
                            .matchesPassword(password.getBytes(StandardCharsets.UTF_8));
        }
    }
}
