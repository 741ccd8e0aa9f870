package market_research;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.SortedMap;

/**
 * Puts a dump in the place of the stopped server's database; users and their passwords stay.
 *
 * <p>The dump is loaded, opened and compared beside the database. From the moment that it counts (the folder `loaded` is
 * there) only renames are left: whoever comes next, this program or a start of the server, finishes those.
 */
final class LoadDump {
    private static final Path DATA = Store.OF_SERVER, LOADING = DATA.resolve("loading"), LOADED = DATA.resolve("loaded"),
            FORMER = DATA.resolve("former");

    private LoadDump() {}

    public static void main(String[] arguments) {
        if (arguments.length == 1 && arguments[0].equals("--finish")) {
            Program.run("load-dump", new String[] {DATA.toString()}, data -> {
                try (Closeable lock = new Store(DATA).locked()) {
                    finish();
                }
            });
        } else {
            Program.run("load-dump", arguments, folder -> load(new Exchange(folder)));
        }
    }

    static void requireDump(Exchange exchange) throws Program.Refused {
        if (!Files.isReadable(exchange.dump())) {
            throw new Program.Refused(exchange.dump() + " is not there, or not readable: put a dump there first.");
        }
    }

    private static void load(Exchange exchange) throws Exception {
        requireDump(exchange);
        try (Closeable lock = new Store(DATA).locked()) {
            finish();
            Store.remove(LOADING);
            try {
                prove(new Store(LOADING), exchange);
                keepDatabaseAlone();
                Files.move(LOADING, LOADED, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Store.remove(LOADING);
            }
            finish();
        }
    }

    private static void prove(Store beside, Exchange exchange) throws Exception {
        beside.load(exchange.dump());
        SortedMap<String, Object> found = beside.open(Facts::of);
        if (!Files.exists(exchange.expected())) {
            return;
        }
        for (Map.Entry<String, Object> fact : Exchange.read(exchange.expected()).entrySet()) {
            Object value = found.get(fact.getKey());
            if (!fact.getValue().toString().equals(String.valueOf(value))) {
                throw new Program.Refused("the dump has " + fact.getKey() + " " + value + ", and not " + fact.getValue()
                        + " as " + exchange.expected() + " says: nothing was replaced; take another backup.");
            }
        }
    }

    private static void keepDatabaseAlone() throws IOException {
        for (String kind : Store.KINDS) {
            Store.remove(LOADING.resolve(kind).resolve("system"));
        }
        Store.keep(LOADING);
    }

    /** The renames that are left of a load, also of one that was killed among them. */
    static void finish() throws IOException {
        if (!Files.exists(LOADED)) {
            return;
        }
        for (String kind : Store.KINDS) {
            Path fresh = LOADED.resolve(kind).resolve(Store.DATABASE);
            if (Files.exists(fresh)) {
                setAside(kind);
                Files.move(fresh, DATA.resolve(kind).resolve(Store.DATABASE), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Store.remove(LOADED);
        Store.remove(FORMER);
    }

    private static void setAside(String kind) throws IOException {
        Path former = FORMER.resolve(kind);
        Store.remove(former);
        Files.createDirectories(FORMER);
        Files.createDirectories(DATA.resolve(kind));
        Path serving = DATA.resolve(kind).resolve(Store.DATABASE);
        if (Files.exists(serving)) {
            Files.move(serving, former, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
