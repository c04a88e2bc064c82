using NetworkProtocol.Server;
using NetworkProtocol.Server.Memory;

namespace Integration.Tests;

public sealed class MemoryNeedTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("np-cgroup-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("0::/", "memory.max=1073741824", 1073741824L)] // the view inside a container
    [InlineData(
        "0::/system.slice/np.service",
        "system.slice/np.service/memory.max=max system.slice/memory.max=2000000000 memory.max=3000000000", 2000000000L)]
    [InlineData("0::/system.slice/np.service", "system.slice/np.service/memory.max=max", null)]
    [InlineData(
        "12:cpu,cpuacct:/x\n9:memory:/docker/1",
        "memory/docker/1/memory.limit_in_bytes=536870912 memory/memory.limit_in_bytes=9223372036854771712", 536870912L)]
    [InlineData("1:name=systemd:/x", "", null)]
    [InlineData("nonsense", "", null)]
    [InlineData(null, "", null)]
    public void The_lowest_limit_of_the_groups_around_a_process_counts(string? cgroup, string files, long? limit)
    {
        if (cgroup is not null)
        {
            Write("proc/self/cgroup", cgroup + "\n");
        }

        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Write(Path.Combine("sys/fs/cgroup", file.Split('=')[0]), file.Split('=')[1] + "\n");
        }

        Assert.Equal(limit, CgroupMemory.ReadLimit(_root));
    }

    [Fact]
    public void The_need_is_the_program_each_connection_at_its_worst_and_the_budget() =>
        Assert.Equal(823, MemoryNeed.Of(new ServerOptions()) >> 20);

    private void Write(string path, string text)
    {
        path = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
