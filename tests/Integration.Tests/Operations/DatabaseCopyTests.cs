using Microsoft.Data.Sqlite;
using NetworkProtocol.Backup;
using NetworkProtocol.Backup.Files;

namespace Integration.Tests.Operations;

/// <summary>Root copies a database of a user who may change the folder at any moment.</summary>
public sealed class DatabaseCopyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly BackupFolder _backups;
    private readonly SqliteConnection _own;
    private readonly SqliteConnection _secret;

    public DatabaseCopyTests()
    {
        _backups = BackupFolder.Open(At("backups"));
        (_own, _secret) = (Create("data", "own"), Create("private", "secret"));
    }

    public void Dispose()
    {
        _own.Dispose();
        _secret.Dispose();
        _backups.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_folder_that_is_exchanged_for_a_link_does_not_lead_elsewhere(bool isInUse)
    {
        if (!isInUse)
        {
            File.Delete(At("data/x.db-shm"));
        }

        using var folder = OpenFolder.Open(At("data"));
        Directory.Move(At("data"), At("moved"));
        File.CreateSymbolicLink(At("data"), At("private"));
        await using var copy = await new DatabaseCopies(_backups).OpenAsync(folder, "x.db", At("data/x.db"), CancellationToken.None);
        Assert.NotNull(copy);
        var path = At("copy.db");
        await using (var file = File.Create(path))
        {
            await copy.CopyToAsync(file);
        }

        Assert.Equal("own", Read($"Data Source={path};Pooling=False"));
    }

    [Theory]
    [InlineData("-wal", true)]
    [InlineData("-wal", false)]
    [InlineData("-shm", true)]
    [InlineData("-journal", false)]
    public async Task A_companion_that_is_a_link_or_a_pipe_is_not_read(string suffix, bool isLink)
    {
        var companion = At("data/x.db" + suffix);
        File.Delete(companion);
        if (isLink)
        {
            File.CreateSymbolicLink(companion, At("private/x.db" + suffix));
        }
        else
        {
            (await Tool.RunAsync("mkfifo", companion)).Good();
        }

        using var folder = OpenFolder.Open(At("data"));
        var error = await Assert.ThrowsAsync<IOException>(
            () => new DatabaseCopies(_backups).OpenAsync(folder, "x.db", At("data/x.db"), CancellationToken.None));
        Assert.Equal($"{companion} is not a file, as SQLite makes it", error.Message);
    }

    [Theory]
    [InlineData(".db")] // exchanged after all that was looked at
    [InlineData(".db-wal")]
    public void SQLite_itself_follows_no_link_in_an_open_folder(string ending)
    {
        File.Delete(At("data/x" + ending));
        File.CreateSymbolicLink(At("data/x" + ending), At("private/x" + ending));
        using var folder = OpenFolder.Open(At("data"));
        var source = $"Data Source={folder.PathTo("x.db")};Mode=ReadOnly;Pooling=False";
        Assert.Equal(14, Assert.Throws<SqliteException>(() => Read(source)).SqliteErrorCode);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private SqliteConnection Create(string folder, string value)
    {
        Directory.CreateDirectory(At(folder));
        var connection = new SqliteConnection($"Data Source={At(folder)}/x.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = $"PRAGMA journal_mode = WAL; CREATE TABLE t(v); INSERT INTO t VALUES('{value}')";
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return connection;
    }

    private static string? Read(string source)
    {
        using var connection = new SqliteConnection(source);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT v FROM t";
        return (string?)command.ExecuteScalar();
    }
}
