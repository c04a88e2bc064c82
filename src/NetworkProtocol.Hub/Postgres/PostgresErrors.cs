using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>Says what an error of PostgreSQL means to an operator. No text of it has the password.</summary>
internal static class PostgresErrors
{
    public static HubStoreException Explain(string name, Exception error)
    {
        if (error is HubStoreException explained)
        {
            return explained;
        }

        var (text, isTemporary) = error switch
        {
            PostgresException postgres => Explain(postgres),
            NpgsqlException or TimeoutException or IOException or SocketException => ExplainConnection(error),
            _ => (error.Message, true),
        };
        return new HubStoreException($"The hub's store ({name}) cannot be used: {text}.", error) { IsTemporary = isTemporary };
    }

    /// <summary>Whether the same transaction may succeed at once: nothing is wrong with it.</summary>
    public static bool IsWorthRepeating(Exception error) =>
        IsConnectionLost(error)
        || (error is PostgresException postgres
            && (postgres.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                || IsMissingPartition(postgres)));

    /// <summary>Whether the connection is gone, as after a restart of the server.</summary>
    public static bool IsConnectionLost(Exception error) => error switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
        NpgsqlException npgsql => npgsql.InnerException is IOException or SocketException or ObjectDisposedException,
        IOException or SocketException => true,
        _ => false,
    };

    /// <summary>Whether nobody knows what has become of the connection, and of the transaction in it.</summary>
    public static bool IsTimeout(Exception error) => error is TimeoutException or NpgsqlException { InnerException: TimeoutException };

    /// <summary>
    /// Whether the next probe meets the same error if its reason lasts: no connection, a server that starts or has no room for one more,
    /// or a standby.
    /// </summary>
    public static bool ProbeTells(Exception error) => error is PostgresException postgres
        ? postgres.SqlState is ['0', '8', ..] or ['5', '7', 'P', ..]
            or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ReadOnlySqlTransaction
        : IsOfConnection(error);

    /// <summary>Whether a partition is missing that this node knew: another node's retention has dropped it.</summary>
    public static bool IsMissingPartition(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.CheckViolation && error.ConstraintName is null;

    public static bool MeansMissingTables(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName };

    /// <summary>Whether the error may come from what was to be stored, and not from the store.</summary>
    public static bool MayComeFromData(Exception error) => error switch
    {
        PostgresException postgres => !IsMissingPartition(postgres) && postgres.SqlState[..2] is "21" or "22" or "23" or "54" or "P0",
        HubStoreException or OutOfMemoryException or OperationCanceledException => false,
        _ => !IsOfConnection(error),
    };

    private static bool IsOfConnection(Exception error) =>
        error is NpgsqlException or TimeoutException or IOException or SocketException or ObjectDisposedException;

    private static (string Text, bool IsTemporary) Explain(PostgresException error)
    {
        var (text, isTemporary) = error.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                ("the server refuses the user; correct the user name or the password, or the server's pg_hba.conf", false),
            PostgresErrorCodes.InvalidCatalogName => ("the database does not exist; create it", false),
            PostgresErrorCodes.InsufficientPrivilege => ("the user lacks a right; make it the owner of the database", false),
            PostgresErrorCodes.DiskFull => ("the server's disk is full; free some room, and the hub goes on by itself", true),
            PostgresErrorCodes.TooManyConnections => ("the server has as many connections as it may have", true),
            ['5', '3', ..] => ("the server lacks a resource", true),
            PostgresErrorCodes.QueryCanceled => ("it has taken too long", true),
            ['5', '7', ..] => ("the server stops or starts", true),
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable =>
                ("another transaction is in the way", true),
            PostgresErrorCodes.ReadOnlySqlTransaction => ("the server is a standby, or read-only", true),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName => ("its tables are missing", true),
            _ => ("PostgreSQL reports an error", true),
        };
        return ($"{text} (PostgreSQL {error.SqlState}: {error.MessageText.TrimEnd('.')})", isTemporary);
    }

    private static (string Text, bool IsTemporary) ExplainConnection(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case PostgresException postgres:
                    return Explain(postgres);
                case AggregateException { InnerExceptions.Count: > 0 } hosts:
                    return ExplainHosts(hosts);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }:
                    return ("no such host is known; correct the host in the connection string", false);
                case SocketException socket:
                    return ($"no connection to the server ({socket.Message})", true);
                case AuthenticationException tls:
                    return ($"the server's certificate is not accepted ({tls.Message.TrimEnd('.')})", false);
                case TimeoutException:
                    return ("the server has not answered in time", true);
            }
        }

        // Npgsql has no code for a password that is asked for and not given.
        return error.Message.StartsWith("No password", StringComparison.Ordinal)
            ? ("the server asks for a password, and the connection string has none", false)
            : (error.Message.TrimEnd('.'), true);
    }

    // One host of several may be unknown for a while, as that of a machine that is being replaced.
    private static (string Text, bool IsTemporary) ExplainHosts(AggregateException hosts)
    {
        var all = hosts.InnerExceptions.Select(ExplainConnection).ToArray();
        return (string.Join("; ", all.Select(one => one.Text).Distinct()), all.Any(one => one.IsTemporary));
    }
}
