package market_research;

import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells what a dump holds: loads it into a scratch volume, which it leaves empty. */
final class CountDump {
    static final String FACTS = "facts.json";

    private CountDump() {}

    public static void main(String[] arguments) {
        Program.run("count-dump", arguments, folder -> count(new Exchange(folder)));
    }

    private static void count(Exchange exchange) throws Exception {
        exchange.remove(FACTS);
        if (new Store(Store.OF_SERVER).hasDatabase()) {
            throw new Program.Refused(Store.OF_SERVER + " holds a database: mount an empty volume there, which is written and emptied.");
        }
        LoadDump.requireDump(exchange);
        Path scratch = Store.OF_SERVER.resolve("scratch");
        Store.remove(scratch);
        try {
            Store store = new Store(scratch);
            store.load(exchange.dump());
            exchange.write(FACTS, store.open(Facts::of));
        } finally {
            Store.remove(scratch);
        }
    }
}
