import "@tabler/core/dist/css/tabler.css";
import "htmx.org";
