using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Integration.Tests.Operations;
using NetworkProtocol.Messages;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;
using Serilog.Core;
using Serilog.Events;

namespace Integration.Tests.Settings;

/// <summary>Standard output is a pipe that nobody reads. The server must work as if it were read.</summary>
[Trait("Needs", "Program")]
public sealed partial class UnreadOutputTests : IDisposable
{
    private const string Named = "fifo";
    private const int Connections = 30;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unread-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_a_full_pipe_it_answers_logs_to_its_file_and_stops(bool fullFromTheStart)
    {
        var pipe = MakePipe();
        // Opened for reading and writing, so that neither end waits for the other.
        using var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite);
        var room = Capacity(reader);
        if (fullFromTheStart)
        {
            reader.Write(new byte[room]);
        }

        var (port, httpPort) = (FreePort.Take(), FreePort.Take());
        using var process = Start(pipe, port, httpPort);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") };
            await Eventually.Async(
                () => AnswersAsync(http), () => $"It has {(process.HasExited ? $"ended with {process.ExitCode}" : "no answer")}.");
            do
            {
                await ConnectManyAsync(port);
            }
            while (Waiting(reader) < room - 4096); // a partly filled page accepts no line that does not fit

            await ConnectManyAsync(port);
            Assert.Equal("OK", await http.GetStringAsync("/health"));
            await Eventually.Async(() => Task.FromResult(Log().Split("ConnectionEnded").Length > 2 * Connections), Log);
            using var kill = Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]);
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            await process.WaitForExitAsync(deadline.Token);
            Assert.Equal(0, process.ExitCode);
            Assert.Contains("Protocol server stopped", Log(), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task What_is_dropped_is_counted_and_told_once_when_the_pipe_is_read_again()
    {
        using var output = new StuckOutput();
        using var queue = new LogQueue("test", output, e => throw e, TimeProvider.System);
        await WithoutWaiting(() => queue.Emit(Event("first")));
        await output.Begun.Task;
        await WithoutWaiting(() =>
        {
            for (var i = 0; i < LogQueue.Capacity + 7; i++)
            {
                queue.Emit(Event("more"));
            }
        });

        output.Release.SetResult();
        await Eventually.Async(() => Task.FromResult(output.Count == LogQueue.Capacity + 2), () => $"{output.Count} lines");
        Assert.Equal("7 events are missing before this line: this output of the log was too slow or failed", output.Last);
        queue.Emit(Event("after"));
        await Eventually.Async(() => Task.FromResult(output.Last == "after"));
        Assert.Equal(LogQueue.Capacity + 3, output.Count);
        using var scrape = new MemoryStream();
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(scrape);
        Assert.Contains(
            "log_events_dropped_total{output=\"test\"} 7\n",
            System.Text.Encoding.UTF8.GetString(scrape.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_written_is_told_once_the_output_works_again()
    {
        using var output = new FailingOutput();
        using var queue = new LogQueue("test3", output, _ => { }, TimeProvider.System);
        for (var i = 0; i < 3; i++)
        {
            queue.Emit(Event("lost"));
        }

        await Eventually.Async(() => Task.FromResult(output.Failures == 3));
        output.Works = true;
        queue.Emit(Event("after"));
        await Eventually.Async(() => Task.FromResult(output.Lines.Count == 2));
        Assert.Equal("after", output.Lines.First());
        Assert.StartsWith("3 events are missing", output.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_program_waits_for_what_is_queued_but_not_for_ever()
    {
        using var output = new StuckOutput();
        var queue = new LogQueue("test2", output, e => throw e, TimeProvider.System);
        await WithoutWaiting(() => queue.Emit(Event("first")));
        await output.Begun.Task;
        queue.Emit(Event("last"));
        await WithoutWaiting(queue.Dispose);
        Assert.Equal(0, output.Count);

        output.Release.SetResult();
        queue.Dispose();
        Assert.Equal("last", output.Last);
    }

    private sealed class FailingOutput : Serilog.Core.ILogEventSink, IDisposable
    {
        private int _failures;

        public volatile bool Works;

        public int Failures => Volatile.Read(ref _failures);

        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public void Emit(LogEvent logEvent)
        {
            if (!Works)
            {
                Interlocked.Increment(ref _failures);
                throw new IOException("No space left on device");
            }

            Lines.Enqueue(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Fails in place of waiting for the output.</summary>
    private static Task WithoutWaiting(Action act) => Task.Run(act).WaitAsync(TimeSpan.FromSeconds(30));

    private static LogEvent Event(string text) =>
        new(DateTimeOffset.UnixEpoch, LogEventLevel.Information, null, new Serilog.Parsing.MessageTemplateParser().Parse(text), []);

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            return await http.GetStringAsync("/health", patience.Token) == "OK";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false; // not yet
        }
    }

    private static async Task ConnectManyAsync(int port)
    {
        for (var i = 0; i < Connections; i++)
        {
            await using var client = await ServedClient.ConnectAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
            await client.SendAsync(new Message.Echo("answered"));
            Assert.Equal(new Message.Echo("answered"), await client.ReadAsync());
        }
    }

    private Process Start(string pipe, int port, int httpPort) => Process.Start(new ProcessStartInfo(
        "sh",
        [
            "-c", $"exec \"$@\" >{pipe}", "sh", "dotnet", Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"),
            "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Server:Listen=127.0.0.1:{port}",
            $"--NetworkProtocol:Http:Listen=127.0.0.1:{httpPort}",
            $"--NetworkProtocol:Admin:DataPath={_folder.FullName}", $"--NetworkProtocol:Log:File={_folder.FullName}/server-.json",
            "--Serilog:MinimumLevel:Override:NetworkProtocol.Server=Debug",
        ])
    {
        WorkingDirectory = AppContext.BaseDirectory,
        Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production" },
    })!;

    private string MakePipe()
    {
        var path = Path.Combine(_folder.FullName, Named);
        return MakeFifo(path, 0x180) == 0 ? path : throw new Win32Exception();
    }

    private string Log()
    {
        var text = "";
        foreach (var file in _folder.GetFiles("server-*.json"))
        {
            using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            text += reader.ReadToEnd();
        }

        return text;
    }

    private static int Capacity(FileStream pipe) => Control(pipe.SafeFileHandle, 1032 /* F_GETPIPE_SZ */, 0);

    private static int Waiting(FileStream pipe) =>
        InputControl(pipe.SafeFileHandle, 0x541B /* FIONREAD */, out var bytes) == 0 ? bytes : throw new Win32Exception();

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int InputControl(SafeHandle file, ulong request, out int bytes);

    /// <summary>An output that accepts its first event only after the test releases it.</summary>
    private sealed class StuckOutput : ILogEventSink, IDisposable
    {
        private int _count;

        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Release { get; } = new();

        public int Count => Volatile.Read(ref _count);

        public string Last { get; private set; } = "";

        public void Emit(LogEvent logEvent)
        {
            Begun.TrySetResult();
            Release.Task.Wait();
            Last = logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
            Interlocked.Increment(ref _count);
        }

        public void Dispose() => Release.TrySetResult();
    }
}
