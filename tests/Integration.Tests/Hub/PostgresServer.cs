using System.Diagnostics;
using System.Globalization;
using Integration.Tests.Operations;
using NetworkProtocol.Hub;
using Npgsql;

namespace Integration.Tests.Hub;

/// <summary>Debian's PostgreSQL in a folder of its own, reached by a Unix socket. Each test gets a database of its own.</summary>
public class PostgresServer : IAsyncLifetime
{
    private const string Template = "hub_template";

    private static readonly string Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Order().Last() : "";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postgres");
    private int _databases;

    /// <summary>Whether every commit waits for the disk.</summary>
    protected virtual bool IsDurable => false;

    internal string Folder => _folder.FullName;

    private string Data => Path.Combine(_folder.FullName, "data");

    public async Task InitializeAsync()
    {
        await RunAsync("chown", "postgres", _folder.FullName); // the server refuses to run as root
        await AsPostgresAsync("initdb", "-D", Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync");
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.conf"),
            $"listen_addresses = ''\nunix_socket_directories = '{_folder.FullName}'\nshared_buffers = 64MB\nmax_connections = 100\n"
            + $"fsync = {(IsDurable ? "on" : "off")}\nautovacuum_naptime = 10s\nmax_wal_size = 256MB\n");
        await StartAsync();
        await ExecuteAsync("postgres", $"CREATE DATABASE {Template}");
        await using var store = Create(Connection(Template), new HubOptions());
        await store.OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>The connection string of a database.</summary>
    internal string Connection(string database, string user = "postgres") =>
        $"Host={_folder.FullName};Database={database};Username={user};Pooling=true;Maximum Pool Size=16";

    /// <summary>Creates a database that has the tables already.</summary>
    internal async Task<string> CreateDatabaseAsync(string template = Template)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        return Connection(name);
    }

    internal async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(Connection(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    internal Task StartAsync() => AsPostgresAsync(
        "pg_ctl", "-D", Data, "-w", "-t", "60", "-s", "-l", Path.Combine(_folder.FullName, "log"), "start");

    /// <summary>Stops the server as a power failure would, as far as the server can know.</summary>
    internal Task StopAsync() => AsPostgresAsync("pg_ctl", "-D", Data, "-w", "-s", "-m", "immediate", "stop");

    internal static PostgresHubStore Create(string connection, HubOptions options, TimeProvider? time = null)
    {
        options.ConnectionString = connection;
        time ??= TimeProvider.System;
        return new PostgresHubStore(options, new HubMetrics(TestMeters.Create(), time), time);
    }

    private static Task AsPostgresAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs, program);
        return Environment.UserName == "root"
            ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        if (program == "chown" && Environment.UserName != "root")
        {
            return;
        }

        (await Tool.RunAsync(new ProcessStartInfo(program, arguments) { WorkingDirectory = "/" })).Good();
    }
}
