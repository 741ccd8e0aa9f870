package market_research;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.neo4j.graphdb.Entity;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Relationship;
import org.neo4j.graphdb.ResourceIterable;
import org.neo4j.graphdb.Transaction;
import org.neo4j.graphdb.schema.ConstraintDefinition;
import org.neo4j.graphdb.schema.IndexDefinition;
import org.neo4j.graphdb.schema.Schema;

/** What a database holds, by which its copies are known; one node or relationship is in memory at a time. */
final class Facts {
    private static final int INDEXES_WITHIN_MINUTES = 30;

    private final SortedMap<String, Object> values = new TreeMap<>();

    private Facts() {}

    static SortedMap<String, Object> of(GraphDatabaseService database) {
        Facts facts = new Facts();
        try (Transaction transaction = database.beginTx()) {
            facts.readSchema(transaction.schema());
            facts.readNodes(transaction);
            facts.readRelationships(transaction);
        }
        return facts.values;
    }

    private void count(String name) {
        values.merge(name, 1L, (before, one) -> (Long) before + (Long) one);
    }

    private void readSchema(Schema schema) {
        schema.awaitIndexesOnline(INDEXES_WITHIN_MINUTES, TimeUnit.MINUTES);
        values.put("constraints", 0L);
        values.put("indexes", 0L);
        for (ConstraintDefinition constraint : schema.getConstraints()) {
            count("constraints");
            values.put("constraint " + constraint.getName(), constraint.toString());
        }
        for (IndexDefinition index : schema.getIndexes()) {
            count("indexes");
            values.put("index " + index.getName(), told(index));
        }
    }

    private static String told(IndexDefinition index) {
        TreeSet<String> on = new TreeSet<>();
        if (index.isNodeIndex()) {
            index.getLabels().forEach(label -> on.add(label.name()));
        } else {
            index.getRelationshipTypes().forEach(type -> on.add(type.name()));
        }
        StringJoiner keys = new StringJoiner(", ", "(", ")");
        index.getPropertyKeys().forEach(keys::add);
        return index.getIndexType() + " on " + (on.isEmpty() ? "all" : String.join(", ", on)) + " " + keys;
    }

    private void readNodes(Transaction transaction) {
        Sum sum = new Sum();
        values.put("nodes", 0L);
        try (ResourceIterable<Node> nodes = transaction.getAllNodes()) {
            for (Node node : nodes) {
                count("nodes");
                labels(node).forEach(label -> count("label " + label));
                sum.add(new Fingerprint().of(labels(node)).ofProperties(node));
            }
        }
        values.put("node checksum", sum.toString());
    }

    private void readRelationships(Transaction transaction) {
        Sum sum = new Sum();
        values.put("relationships", 0L);
        try (ResourceIterable<Relationship> relationships = transaction.getAllRelationships()) {
            for (Relationship one : relationships) {
                count("relationships");
                count("type " + one.getType().name());
                sum.add(new Fingerprint()
                        .of(one.getType().name())
                        .ofIdentity(one.getStartNode())
                        .ofIdentity(one.getEndNode())
                        .ofProperties(one));
            }
        }
        values.put("relationship checksum", sum.toString());
    }

    private static TreeSet<String> labels(Node node) {
        TreeSet<String> names = new TreeSet<>();
        for (Label label : node.getLabels()) {
            names.add(label.name());
        }
        return names;
    }

    /** The same whatever the order in which fingerprints are added. */
    private static final class Sum {
        private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(256);
        private BigInteger sum = BigInteger.ZERO;

        void add(Fingerprint fingerprint) {
            sum = sum.add(new BigInteger(1, fingerprint.digest.digest())).mod(LIMIT);
        }

        @Override
        public String toString() {
            return String.format("%064x", sum);
        }
    }

    /** A digest in which no two different contents look alike: each part comes with its length or number. */
    private static final class Fingerprint {
        private final MessageDigest digest;

        Fingerprint() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        Fingerprint of(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            number(bytes.length).digest.update(bytes);
            return this;
        }

        Fingerprint of(TreeSet<String> texts) {
            number(texts.size());
            texts.forEach(this::of);
            return this;
        }

        Fingerprint ofProperties(Entity entity) {
            Map<String, Object> properties = new TreeMap<>(entity.getAllProperties());
            number(properties.size());
            properties.forEach((key, value) -> of(key).ofValue(value));
            return this;
        }

        /** A node's labels and its property `id`; without one, its number in the store, which a dump preserves. */
        Fingerprint ofIdentity(Node node) {
            Object id = node.getProperty("id", null);
            String element = node.getElementId();
            return id == null
                    ? of("#" + element.substring(element.lastIndexOf(':') + 1))
                    : of(labels(node)).ofValue(id);
        }

        private Fingerprint ofValue(Object value) {
            of(value.getClass().getSimpleName());
            if (!value.getClass().isArray()) {
                return of(value.toString());
            }
            number(Array.getLength(value));
            for (int i = 0; i < Array.getLength(value); i++) {
                of(Array.get(value, i).toString());
            }
            return this;
        }

        private Fingerprint number(int number) {
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
            return this;
        }
    }
}
