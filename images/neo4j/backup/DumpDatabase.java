package market_research;

import java.io.Closeable;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.neo4j.dbms.archive.DumpFormatSelector;
import org.neo4j.dbms.archive.Dumper;
import org.neo4j.io.fs.DefaultFileSystemAbstraction;
import org.neo4j.io.fs.FileSystemAbstraction;
import org.neo4j.kernel.internal.Version;

/**
 * Writes the database of a stopped server to a file; its users are not in it.
 *
 * <p>What an earlier run left is removed first: a dump that is there is of this run, and whole.
 */
final class DumpDatabase {
    private static final String DUMP = "neo4j.dump", DONE = "dump.json";

    private DumpDatabase() {}

    public static void main(String[] arguments) {
        Program.run("dump-database", arguments, folder -> dump(new Store(Store.OF_SERVER), new Exchange(folder)));
    }

    private static void dump(Store store, Exchange exchange) throws Exception {
        long began = System.nanoTime();
        exchange.make();
        exchange.remove(DUMP, DONE, CountDump.FACTS);
        prepare(store);
        try (Closeable lock = store.locked()) {
            write(store, exchange.partial(DUMP));
        }
        exchange.finish(DUMP);
        exchange.write(DONE, Map.of(
                "bytes", Files.size(exchange.dump()),
                "seconds", (System.nanoTime() - began) / 1_000_000 / 1000.0,
                "neo4j", Version.getNeo4jVersion()));
    }

    /** A server that was killed has left transactions in its log: they belong into the database before it is dumped. */
    private static void prepare(Store store) throws Exception {
        try (Closeable lock = store.locked()) {
            LoadDump.finish();
            requireDatabase(store);
            if (!store.needsRecovery()) {
                return;
            }
        }
        System.out.println("dump-database: the server was not stopped but ended: its database is recovered first");
        store.open(database -> database.isAvailable(0));
    }

    private static void requireDatabase(Store store) throws Exception {
        if (!store.hasDatabase()) {
            throw new Program.Refused(store.data() + " holds no database " + Store.DATABASE
                    + ": mount the volume of a Neo4j that was started once.");
        }
    }

    private static void write(Store store, Path file) throws Exception {
        try (FileSystemAbstraction files = new DefaultFileSystemAbstraction()) {
            OutputStream out = Files.newOutputStream(file);
            new Dumper(files)
                    .dump(store.files(), store.logs(), out, DumpFormatSelector.selectFormat(), store::isOfServer);
        } catch (Exception failure) {
            Files.deleteIfExists(file);
            throw failure;
        }
    }
}
