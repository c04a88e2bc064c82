using System.Text.Json;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Data;

/// <summary>The data folder, whose files survive a restart. Only the program's user can read the files.</summary>
internal sealed class DataFolder : IDisposable
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Strict, so that a file of the wrong shape is reported as damaged and not read as empty.</summary>
    private static readonly JsonSerializerOptions Strict = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly string _path;
    private readonly DataLock _lock;

    /// <exception cref="InvalidOperationException">
    /// The folder cannot be created or written, other users may write to it, or another process uses it.
    /// </exception>
    public DataFolder(IOptions<AdminOptions> options)
    {
        _path = Locate(options.Value.DataPath);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(_path);
            }
            else
            {
                Directory.CreateDirectory(_path, OwnerOnly | UnixFileMode.UserExecute);
            }

            DataSafety.CheckFolder(_path);
            CheckWritable();
            _lock = DataLock.Take(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"{AdminOptions.Section}:DataPath (else STATE_DIRECTORY, else HOME) = {_path}: "
                    + $"must be a folder that the program can write: {e.Message}",
                e);
        }
    }

    /// <summary>The path of the data folder for the setting <c>DataPath</c>.</summary>
    public static string Locate(string configured) =>
        configured.Length > 0 ? Path.GetFullPath(configured)
        : Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } state ? state.Split(':')[0]
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "network-protocol");

    public string File(string name) => Path.Combine(_path, name);

    /// <summary>Checks that no other user can change the files or read the secret ones.</summary>
    /// <exception cref="InvalidOperationException">
    /// Another user can; the message names the file and says what its owner and mode must be.
    /// </exception>
    public void CheckFiles() => DataSafety.CheckFiles(_path);

    /// <summary>Opens a file for appending, and creates it if it does not exist.</summary>
    public FileStream OpenAppend(string name) => Open(name, FileMode.Append);

    /// <summary>Creates a file. A file that a crash has left is removed first. A link is never followed.</summary>
    public FileStream CreateNew(string name)
    {
        System.IO.File.Delete(File(name));
        return Open(name, FileMode.CreateNew);
    }

    /// <summary>Reads a JSON file that contains a list; an empty list if the file does not exist.</summary>
    /// <exception cref="InvalidOperationException">The file is damaged or cannot be read; the message names it.</exception>
    public T[] Read<T>(string name)
        where T : class
    {
        try
        {
            var rows = System.IO.File.Exists(File(name))
                ? JsonSerializer.Deserialize<T[]>(System.IO.File.ReadAllBytes(File(name)), Strict)
                : [];
            return rows?.All(row => row is not null) == true ? rows : throw new JsonException("the file contains null instead of a value.");
        }
        catch (JsonException e)
        {
            throw Damaged(name, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    /// <summary>Reads a short text of letters and digits; creates its file if the file does not exist.</summary>
    /// <exception cref="InvalidOperationException">The file is damaged or cannot be read; the message names it.</exception>
    public string ReadOrCreate(string name, Func<byte[]> create)
    {
        if (!System.IO.File.Exists(File(name)))
        {
            WriteBytes(name, create());
        }

        try
        {
            var text = System.IO.File.ReadAllText(File(name));
            return text.Length > 0 && text.All(char.IsAsciiLetterOrDigit)
                ? text
                : throw Damaged(name, new FormatException("the file must contain letters and digits."));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    /// <summary>The error for a damaged file: it names the file and tells the operator to repair or remove it.</summary>
    public InvalidOperationException Damaged(string name, Exception problem) =>
        new($"{File(name)} is damaged, repair or remove it: {problem.Message}", problem);

    private void CheckWritable()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose };
        using var probe = new FileStream(Path.Combine(_path, $".{Guid.NewGuid():n}"), options);
    }

    /// <summary>Replaces a JSON file atomically: a crash leaves the old file or the new file.</summary>
    public void Write<T>(string name, T value) => WriteBytes(name, JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>Replaces a file atomically: a crash leaves the old file or the new file.</summary>
    public void WriteBytes(string name, ReadOnlySpan<byte> bytes)
    {
        var next = name + ".new";
        using (var file = CreateNew(next))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        System.IO.File.Move(File(next), File(name), overwrite: true);
    }

    public void Dispose() => _lock.Dispose();

    private FileStream Open(string name, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0, // else bytes of a failed write would be written later
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(File(name), options);
    }
}
