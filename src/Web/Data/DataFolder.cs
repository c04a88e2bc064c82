using System.Text.Json;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Data;

/// <summary>The folder for what outlives the process; nobody but the program's user can read it.</summary>
internal sealed class DataFolder : IDisposable
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A file of the wrong shape is damaged, not one of nothing.</summary>
    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    private readonly string _path;
    private readonly DataLock _lock;

    /// <exception cref="InvalidOperationException">The folder cannot be made or written, others may write it, or another process uses it.</exception>
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
            using (new FileStream(
                Path.Combine(_path, $".{Guid.NewGuid():n}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }))
            {
                _lock = DataLock.Take(_path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"{AdminOptions.Section}:DataPath (else STATE_DIRECTORY, else HOME) = {_path}: must be a folder that the program can write: {e.Message}", e);
        }
    }

    /// <summary>Where a setting leads.</summary>
    public static string Locate(string configured) =>
        configured.Length > 0 ? Path.GetFullPath(configured)
        : Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } state ? state.Split(':')[0]
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "network-protocol");

    public string File(string name) => Path.Combine(_path, name);

    /// <summary>Looks whether anybody else could change or read what is kept here.</summary>
    /// <exception cref="InvalidOperationException">One could: the message says which file, and what is right.</exception>
    public void CheckFiles() => DataSafety.CheckFiles(_path);

    /// <summary>Opens a file for adding at its end.</summary>
    public FileStream OpenAppend(string name) => Open(name, FileMode.Append);

    /// <summary>Makes a file: never one that is there already, nor one that a link leads to. What a crash has left is removed.</summary>
    public FileStream CreateAnew(string name)
    {
        System.IO.File.Delete(File(name));
        return Open(name, FileMode.CreateNew);
    }

    /// <summary>Reads a JSON file that holds a list; empty if there is none.</summary>
    /// <exception cref="InvalidOperationException">It is damaged or cannot be read: the message names it.</exception>
    public T[] Read<T>(string name)
        where T : class
    {
        try
        {
            var rows = System.IO.File.Exists(File(name)) ? JsonSerializer.Deserialize<T[]>(System.IO.File.ReadAllBytes(File(name)), Strict) : [];
            return rows?.All(row => row is not null) == true ? rows : throw new JsonException("it holds null where a value must be.");
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

    /// <summary>Reads a short text that is made once and kept.</summary>
    /// <exception cref="InvalidOperationException">It is damaged or cannot be read: the message names it.</exception>
    public string ReadOrCreate(string name, Func<byte[]> create)
    {
        if (!System.IO.File.Exists(File(name)))
        {
            WriteBytes(name, create());
        }

        try
        {
            var text = System.IO.File.ReadAllText(File(name));
            return text.Length > 0 && text.All(char.IsAsciiLetterOrDigit) ? text : throw Damaged(name, new FormatException("it must hold letters and digits."));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    /// <summary>Says which file cannot be used and what to do.</summary>
    public InvalidOperationException Damaged(string name, Exception problem) =>
        new($"{File(name)} is damaged, repair or remove it: {problem.Message}", problem);

    /// <summary>Writes a JSON file whole: a crash leaves the old one or the new one.</summary>
    public void Write<T>(string name, T value) => WriteBytes(name, JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>Writes a file whole: a crash leaves the old one or the new one.</summary>
    public void WriteBytes(string name, ReadOnlySpan<byte> bytes)
    {
        var next = name + ".new";
        using (var file = CreateAnew(next))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        System.IO.File.Move(File(next), File(name), overwrite: true);
    }

    public void Dispose() => _lock.Dispose();

    private FileStream Open(string name, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 }; // no bytes of a write that failed are written later
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(File(name), options);
    }
}
