using System.Diagnostics;
using System.Globalization;

namespace Integration.Tests.Operations;

/// <summary>
/// Runs the image's program as a container engine would, with the kernel's own means: a read-only root with only the image's files and C
/// libraries (no .NET, no /tmp, no shell, no passwd), the Dockerfile's user and environment, and process id 1.
/// </summary>
internal sealed class ImageRoom(ImageBuild image) : IAsyncDisposable
{
    // The last argument is the image's command. Volumes are triples: the host's folder, the folder in the image, and the mount options.
    private const string Script = """
        set -eu
        root=$1 app=$2 state=$3 user=$4 group=$5 volumes=$6 variables=$7
        shift 7
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 image "$root"
        mkdir -p "$root/app" "$root/dev" "$root/proc" "$root/usr/lib" "$root/usr/lib64" "$root/var/lib/network-protocol"
        ln -s usr/lib usr/lib64 "$root"
        bind() { mkdir -p "$root$2"; mount --bind "$1" "$root$2"; mount -o "remount,bind,$3" "$root$2"; }
        bind /usr/lib /usr/lib ro
        if [ -d /usr/lib64 ]; then bind /usr/lib64 /usr/lib64 ro; fi
        bind "$app" /app ro
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o "uid=$user,gid=$group,mode=$(stat -c %a "$state")" state "$root/var/lib/network-protocol"
        for volume in $volumes; do bind "${volume%%=*}" "${volume##*=}" ro; done
        mount -o remount,ro "$root"
        # shellcheck disable=SC2086
        exec env -i $variables unshare --root="$root" --wd=/app --setgid "$group" --setuid "$user" "$@"
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("room-");
    private readonly Dockerfile _dockerfile = Dockerfile.Read();
    private readonly List<string> _volumes = [];
    private readonly Dictionary<string, string> _environment = Initial();
    private ServerProcess? _server;

    /// <summary>Sets a variable, as <c>docker run --env</c> does.</summary>
    public ImageRoom With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>Mounts a folder, read-only.</summary>
    public ImageRoom Mount(string folder, string at)
    {
        _volumes.Add($"{folder}={at}");
        return this;
    }

    /// <summary>Starts the entry point, which runs until the room is disposed of.</summary>
    public async Task<ServerProcess> StartAsync(params string[] arguments)
    {
        // ServerProcess sets a data folder, but here the program must find the image's folder.
        _server = await ServerProcess.StartAsync(Enter, [.. arguments, "--NetworkProtocol:Admin:DataPath="]);
        return _server;
    }

    /// <summary>Runs a program of the image until it ends.</summary>
    public Task<ToolResult> RunAsync(params string[] command) => Tool.RunAsync("unshare", Command(command));

    /// <summary>Runs the image's health check beside the server.</summary>
    public Task<ToolResult> CheckHealthAsync() => Tool.RunAsync("env",
    [
        "-i", .. Variables(), "nsenter", "--target", $"{First}", "--mount",
        "--pid", "--root", "--wd", "--setgid", User[1], "--setuid", User[0],
        .. _dockerfile.One("HEALTHCHECK").Command,
    ]);

    /// <summary>Sends a signal to the process that has id 1 inside, as the engine does.</summary>
    public async Task SignalAsync(string name) => (await Tool.RunAsync("sh", "-c", $"kill -{name} {First}")).Good();

    /// <summary>A value of the server's process status, such as <c>CapEff</c>.</summary>
    public string Status(string field) =>
        File.ReadLines($"/proc/{First}/status").Single(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split(':')[1].Trim();

    /// <summary>Reads a file as the server sees it.</summary>
    public string[] ReadLines(string file) => File.ReadAllLines($"/proc/{First}/root{file}");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // The process inside would outlive the process that ServerProcess knows.
            await Tool.RunAsync("sh", "-c", $"kill -KILL $(cat /proc/{_server.Id}/task/{_server.Id}/children)");
            await _server.DisposeAsync();
        }

        _root.Delete();
    }

    private static Dictionary<string, string> Initial()
    {
        Dictionary<string, string> variables = new()
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["ASPNETCORE_HTTP_PORTS"] = "8080", // the base image has this variable and the next two
            ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "true",
        };
        foreach (var (name, value) in Dockerfile.Read().Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    private int First => int.Parse(File.ReadAllText($"/proc/{_server!.Id}/task/{_server.Id}/children"), CultureInfo.InvariantCulture);

    private string[] User => _dockerfile.One("USER").Text.Split(':');

    private IEnumerable<string> Variables() => _environment.Select(pair => $"{pair.Key}={pair.Value}");

    private void Enter(ProcessStartInfo start)
    {
        string[] arguments = [.. start.ArgumentList.Skip(1)]; // without the path of the tests' program
        start.FileName = "unshare";
        start.ArgumentList.Clear();
        foreach (var word in Command([.. _dockerfile.One("ENTRYPOINT").Command, .. arguments]))
        {
            start.ArgumentList.Add(word);
        }
    }

    private string[] Command(IEnumerable<string> command) =>
    [
        "--mount", "--pid", "--fork", "sh", "-c", Script, "room", _root.FullName, image.App, image.State, User[0], User[1],
        string.Join(' ', _volumes), string.Join(' ', Variables()), .. command,
    ];
}
